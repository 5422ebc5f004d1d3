import type { Address } from '../../runtime/carrier/address.ts';
import type { Identity } from '../../runtime/identity/identity.ts';
import type { PluginResponse } from '../../runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** A connection of its own to a plugin, with one stream, on which any bytes can be sent: what no client of ours would do. */
export interface RawLink extends AsyncDisposable {
	/** Sends bytes as they are. @param end whether nothing more follows */
	write(bytes: Uint8Array, end?: boolean): void;
	/** See {@link Inbox.next}. */
	next(timeoutMs: number): Promise<PluginResponse | undefined>;
}

/** Options of opening a raw link. */
export interface RawLinkOptions {
	readonly address: Address;
	/** Our own identity on the link. */
	readonly identity: Identity;
	/** Shows no certificate. */
	readonly anonymous?: boolean;
	/** Milliseconds for the connect and the handshake. */
	readonly timeoutMs: number;
}

/**
 * Opens a raw link over the carrier that the address names.
 *
 * @throws OrchestraError `unreachable`, `handshake_failed`, `deadline_exceeded`, `carrier_unavailable`
 */
export async function openRawLink(options: RawLinkOptions): Promise<RawLink> {
	switch (options.address.carrier) {
		case 'quic':
			return (await import('./quic-link.ts')).openQuicLink(options);
		case 'tcp':
			return (await import('./tcp-link.ts')).openTcpLink(options);
		case 'tcp+plain':
			throw new OrchestraError('carrier_unavailable', 'raw bytes are sent over QUIC and TCP only');
	}
}
