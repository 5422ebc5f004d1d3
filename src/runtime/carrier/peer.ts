import type { NetworkCarrier } from './address.ts';

/**
 * The name of a carrier, as CLI, docs and `inspect` spell it; `fd`: descriptors that a host gave a process when it started it; `nats`:
 * another node of the cluster, through NATS.
 */
export type CarrierName = 'memory' | 'fd' | 'nats' | NetworkCarrier;

/** The other end of a connection, as its certificate proves it, or as it was started. */
export interface Peer {
	/** The certificate's common name; in process, the id of the caller; on `fd`, the plugin that was started; empty on `tcp+plain`, which proves nothing. */
	readonly name: string;
	readonly carrier: CarrierName;
	/** Its address as a URL; empty in process and on `fd`. */
	readonly address: string;
	/** SHA-256 of the certificate, lower-case hex; absent where there is no certificate. */
	readonly fingerprint?: string;
	/** SHA-256 of its public key (SPKI), lower-case hex: what stays when a certificate is renewed. */
	readonly keyFingerprint?: string;
	/** Begin of the certificate's validity. */
	readonly validFrom?: Date;
	/** End of its validity. */
	readonly validTo?: Date;
}
