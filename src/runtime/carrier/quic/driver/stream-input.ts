import { FrameDecoder } from '../../../wire/frame-decoder.ts';
import type { QuicheConnection } from '../native/quiche.ts';
import type { ReadBuffer } from './read-buffer.ts';

/** Receives the payloads of a stream's frames. May throw; the stream is then read no further. */
export interface FrameListener {
	frame(payload: Uint8Array): void;
	/** Bytes that may be read now; 0 for none, until {@link StreamInput.read} is called again. */
	readonly readableBytes: number;
}

/** Reads a stream and drops all of it: quiche keeps a stream, and the peer's count of it, until everything was read. */
export function readAndDrop(streamId: number, native: QuicheConnection, buffer: ReadBuffer): InputState {
	for (;;) {
		let result: [number, boolean] | null;
		try {
			result = native.streamRecv(streamId, buffer.space());
		} catch {
			return 'reset';
		}
		if (result === null) return 'open';
		buffer.drop(result[0]);
		if (result[1]) return 'finished';
	}
}

/** State in which {@link StreamInput.read} left the stream. */
export type InputState =
	/** Nothing more to read for now, or the listener wants no more. */
	| 'open'
	/** The peer has said its last, and all of it was read. */
	| 'finished'
	/** The peer reset the stream, or it is gone. */
	| 'reset';

/** Reads one stream and cuts it into frames. */
export class StreamInput {
	readonly #streamId: number;
	readonly #listener: FrameListener;
	#decoder: FrameDecoder | undefined;
	#onFrame: ((payload: Uint8Array) => void) | undefined;

	constructor(streamId: number, listener: FrameListener) {
		this.#streamId = streamId;
		this.#listener = listener;
	}

	/** Bytes of a message that has not arrived as a whole. */
	get buffered(): number {
		return this.#decoder?.buffered ?? 0;
	}

	/**
	 * Reads what has arrived. The end of the stream is told, but a message is complete by its length alone.
	 *
	 * @throws OrchestraError `message_too_large`; whatever the listener throws
	 */
	read(native: QuicheConnection, buffer: ReadBuffer): InputState {
		for (;;) {
			const limit = this.#listener.readableBytes;
			if (limit <= 0) return 'open';
			let space = buffer.space();
			if (limit < space.length) space = space.subarray(0, limit);
			let result: [number, boolean] | null;
			try {
				result = native.streamRecv(this.#streamId, space);
			} catch {
				// Reset, or no such stream: nothing else is thrown here.
				this.#decoder = undefined;
				return 'reset';
			}
			if (result === null) return 'open';
			const [length, finished] = result;
			if (length > 0) this.#take(buffer.take(length));
			if (finished) {
				this.#decoder = undefined;
				return 'finished';
			}
			if (length < space.length) return 'open';
		}
	}

	#take(chunk: Uint8Array): void {
		if (!this.#decoder) {
			// Nearly always a chunk is one whole frame, and needs no decoder.
			if (isOneFrame(chunk)) {
				this.#listener.frame(chunk.subarray(frameHeaderBytes));
				return;
			}
			this.#decoder = new FrameDecoder();
			this.#onFrame = (payload) => this.#listener.frame(payload);
		}
		if (this.#onFrame) this.#decoder.push(chunk, this.#onFrame);
	}
}

const frameHeaderBytes = 4;

function isOneFrame(chunk: Uint8Array): boolean {
	const [a, b, c, d] = chunk;
	if (a === undefined || b === undefined || c === undefined || d === undefined) return false;
	// The largest message has no bits in the first byte but one, and is never read in one piece.
	return a === 0 && chunk.length === frameHeaderBytes + ((b << 16) | (c << 8) | d);
}
