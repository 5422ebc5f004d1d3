import { Buffer } from 'node:buffer';
import { frameHeaderBytes } from './frame.ts';
import { maxMessageBytes } from './limits.ts';
import { messageTooLarge } from './message-too-large.ts';
import { OrchestraError } from './orchestra-error.ts';

/** A message up to this many bytes gets its buffer at once; a larger one as it comes in. */
const firstBufferBytes = 64 * 1024;

/**
 * Largest size of a message's buffer, in multiples of the bytes that came so far. A header alone cannot make us take 16 MiB,
 * and yet of a large message only the first 512 KiB or so are moved. What is not filled is no memory yet on most systems.
 */
const growth = 32;

/**
 * Cuts a byte stream into the payloads of its frames, whatever the chunks are. A payload that lies in one chunk is a
 * view of it, so a chunk must not be reused while its payloads are in use. One that came in several chunks is in
 * a buffer of its own.
 */
export class FrameDecoder {
	readonly #maxBytes: number;
	/** The length of the message that is coming in, as far as its header is known. */
	#header = 0;
	#headerBytes = 0;
	/** The message that is coming in; its buffer is shorter than the message at first. */
	#payload: Uint8Array | undefined;
	#filled = 0;
	#fault: OrchestraError | undefined;

	/** `maxBytes` is the largest message; default 16 MiB. */
	constructor(maxBytes: number = maxMessageBytes) {
		this.#maxBytes = maxBytes;
	}

	/** Bytes held back until the rest of their frame comes, the header included. */
	get buffered(): number {
		return this.#headerBytes + this.#filled;
	}

	/**
	 * Takes the next bytes of the stream and calls `onFrame` for each message that is complete with them, before it
	 * returns. After an error, one of `onFrame`'s too, it takes no more: the place in the stream is lost.
	 *
	 * @throws OrchestraError `message_too_large` as soon as a header says so
	 */
	push(chunk: Uint8Array, onFrame: (payload: Uint8Array) => void): void {
		if (this.#fault) throw this.#fault;
		this.#fault = interrupted;
		let at = 0;
		while (at < chunk.length) {
			if (this.#payload === undefined) {
				at = this.#takeHeader(chunk, at);
				if (this.#headerBytes < frameHeaderBytes) break;
				const length = this.#header;
				if (length > this.#maxBytes) throw this.#fail(messageTooLarge(length, this.#maxBytes));
				if (length <= chunk.length - at) {
					this.#headerBytes = 0;
					const end = at + length;
					onFrame(chunk.subarray(at, end));
					at = end;
					continue;
				}
				this.#payload = new Uint8Array(0);
			}
			at = this.#takePayload(chunk, at, onFrame);
		}
		this.#fault = undefined;
	}

	/**
	 * Says that the stream ended.
	 *
	 * @throws OrchestraError `malformed_message` where it ended inside a frame
	 */
	end(): void {
		if (this.#fault) return;
		const { buffered } = this;
		this.#fail(new OrchestraError('malformed_message', 'bytes came after the end of the stream'));
		if (buffered > 0) {
			throw new OrchestraError(
				'malformed_message',
				`the stream ended inside a message, ${buffered} bytes after its start`,
			);
		}
	}

	#takeHeader(chunk: Uint8Array, start: number): number {
		let at = start;
		let header = this.#headerBytes === 0 ? 0 : this.#header;
		let bytes = this.#headerBytes;
		while (bytes < frameHeaderBytes && at < chunk.length) {
			header = header * 256 + (chunk[at++] as number);
			bytes++;
		}
		this.#header = header;
		this.#headerBytes = bytes;
		return at;
	}

	#takePayload(chunk: Uint8Array, start: number, onFrame: (payload: Uint8Array) => void): number {
		const end = start + Math.min(chunk.length - start, this.#header - this.#filled);
		const filled = this.#filled + end - start;
		const payload = this.#room(filled);
		payload.set(chunk.subarray(start, end), this.#filled);
		this.#filled = filled;
		if (filled === this.#header) {
			this.#payload = undefined;
			this.#filled = 0;
			this.#headerBytes = 0;
			onFrame(payload);
		}
		return end;
	}

	/** The buffer of the message that is coming in, with room for so many bytes of it. */
	#room(bytes: number): Uint8Array {
		let payload = this.#payload as Uint8Array;
		if (payload.length < bytes) {
			const larger = Buffer.allocUnsafeSlow(
				Math.min(this.#header, Math.max(firstBufferBytes, growth * bytes)),
			);
			larger.set(payload.subarray(0, this.#filled));
			payload = larger;
			this.#payload = payload;
		}
		return payload;
	}

	#fail(error: OrchestraError): OrchestraError {
		this.#fault = error;
		this.#payload = undefined;
		this.#filled = 0;
		this.#headerBytes = 0;
		return error;
	}
}

/** Error of a decoder that takes nothing while it delivers, and after a receiver threw. */
const interrupted = new OrchestraError(
	'internal',
	'a receiver of messages threw, or pushed bytes from within',
);
