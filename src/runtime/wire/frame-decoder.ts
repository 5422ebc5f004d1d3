import { frameHeaderBytes } from './frame.ts';
import { maxMessageBytes } from './limits.ts';
import { OrchestraError } from './orchestra-error.ts';

/**
 * Cuts a byte stream into the payloads of its frames, whatever the chunks are.
 *
 * A payload may be a view of the chunk that it came in.
 */
export class FrameDecoder {
	readonly #maxBytes: number;
	#pending: Uint8Array = new Uint8Array(0);

	constructor(maxBytes: number = maxMessageBytes) {
		this.#maxBytes = maxBytes;
	}

	/** Bytes that wait for the rest of their frame. */
	get buffered(): number {
		return this.#pending.length;
	}

	/** @throws OrchestraError `message_too_large` */
	push(chunk: Uint8Array, onFrame: (payload: Uint8Array) => void): void {
		let bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
		for (;;) {
			if (bytes.length < frameHeaderBytes) break;
			const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
			if (length > this.#maxBytes) {
				throw new OrchestraError(
					'message_too_large',
					`a message of ${length} bytes is over the limit of ${this.#maxBytes}`,
				);
			}
			if (bytes.length < frameHeaderBytes + length) break;
			const payload = bytes.subarray(frameHeaderBytes, frameHeaderBytes + length);
			bytes = bytes.subarray(frameHeaderBytes + length);
			onFrame(payload);
		}
		this.#pending = bytes;
	}

	/** @throws OrchestraError `malformed_message` inside a frame */
	end(): void {
		if (this.#pending.length > 0) {
			throw new OrchestraError('malformed_message', 'the stream ended inside a message');
		}
	}
}
