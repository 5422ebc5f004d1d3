import type { ReadBuffer } from '../driver/read-buffer.ts';
import type { QuicheConnection } from '../native/quiche.ts';
import type { ServerStream } from './server-stream.ts';

/** Bytes of requests that one peer may have in our memory before they are complete. */
export const maxPartialBytes = 64 * 1024 * 1024;

/**
 * Reads the requests of one connection, within a bound on what is incomplete: a thousand streams with a request of 16 MiB each
 * would be 16 GB. Beyond the bound only one stream is read on until its request is complete; the others stay with quiche,
 * whose windows hold back the peer.
 */
export class RequestIntake {
	readonly #limit: number;
	#partial = 0;
	#favoured: ServerStream | undefined;
	#held = false;

	/** @param limit bytes; default 64 MiB */
	constructor(limit: number = maxPartialBytes) {
		this.#limit = limit;
	}

	/** Bytes of requests that are not complete. */
	get incomplete(): number {
		return this.#partial;
	}

	/** Whether streams are left with quiche, unread. */
	get held(): boolean {
		return this.#held;
	}

	/** Reads a stream, if it is its turn. True where streams that were held may be read again. */
	read(stream: ServerStream, native: QuicheConnection, buffer: ReadBuffer): boolean {
		const favoured = this.#favoured;
		if (this.#partial >= this.#limit && favoured !== stream && favoured !== undefined) {
			this.#held = true;
			return false;
		}
		const before = stream.buffered;
		stream.read(native, buffer);
		const after = stream.buffered;
		if (before === 0 && after === 0) return false;
		this.#partial += after - before;
		if (after > 0) this.#favoured ??= stream;
		else if (favoured === stream) this.#favoured = undefined;
		if (!this.#held || (this.#partial >= this.#limit && this.#favoured !== undefined)) return false;
		this.#held = false;
		return true;
	}
}
