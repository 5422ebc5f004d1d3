import type { Address } from '../../runtime/carrier/address.ts';
import type { Identity } from '../../runtime/identity/identity.ts';
import type { PluginResponse } from '../../runtime/wire/generated/messages.ts';

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
