import type { QuicheConnection } from './quiche.ts';

/** Bytes from which on a frame is measured against what the connection can send now. */
const largeFrameBytes = 4096;

/** How far a {@link StreamOutput} got. */
export type OutputState =
	/** Everything is with quiche. */
	| 'written'
	/** The peer or the path takes no more for now. */
	| 'blocked'
	/** The peer wants no more, or the stream is gone: the rest was dropped. */
	| 'stopped';

/** The frames of one stream that wait to be sent, in order. */
export class StreamOutput {
	readonly #streamId: number;
	#frames: Uint8Array[] = [];
	/** The frame that is being written, and how much of it quiche has. */
	#next = 0;
	#offset = 0;
	#bytes = 0;
	/** Whether the last frame is the last of the stream. */
	#ending = false;
	#onDrained: (() => void) | undefined;
	#drained: Promise<void> | undefined;

	constructor(streamId: number) {
		this.#streamId = streamId;
	}

	/** Bytes that quiche has not taken. */
	get bytes(): number {
		return this.#bytes;
	}

	get empty(): boolean {
		return this.#next === this.#frames.length;
	}

	/** Queues a frame; `last` ends the stream with it. */
	push(frame: Uint8Array, last: boolean): void {
		this.#frames.push(frame);
		this.#bytes += frame.length;
		this.#ending = last;
	}

	/** Settles once at most half of `limit` waits, or nothing will be sent any more. Undefined where no more than `limit` waits. */
	drained(limit: number): Promise<void> | undefined {
		if (this.#bytes <= limit) return undefined;
		this.#drained ??= new Promise((resolve) => {
			this.#onDrained = resolve;
		});
		return this.#drained;
	}

	/** Drops what waits. */
	drop(): void {
		this.#frames = [];
		this.#next = 0;
		this.#offset = 0;
		this.#bytes = 0;
		this.release();
	}

	/** Settles {@link drained} now. */
	release(): void {
		this.#onDrained?.();
		this.#onDrained = undefined;
		this.#drained = undefined;
	}

	/** Hands quiche what it takes. */
	write(native: QuicheConnection, resumeBelow: number): OutputState {
		const state = this.#write(native);
		if (state === 'stopped') this.drop();
		else if (this.#onDrained && this.#bytes <= resumeBelow) this.release();
		return state;
	}

	#write(native: QuicheConnection): OutputState {
		try {
			while (this.#next < this.#frames.length) {
				const frame = this.#frames[this.#next] as Uint8Array;
				const rest = this.#offset === 0 ? frame : frame.subarray(this.#offset);
				const part = rest.length < largeFrameBytes ? rest : this.#fitting(native, rest);
				const whole = part.length === rest.length;
				const last = whole && this.#ending && this.#next === this.#frames.length - 1;
				// The last bytes go with the end of the stream in one frame: an end of its own can get lost.
				const taken = part.length > 0 || last ? (native.streamSend(this.#streamId, part, last) ?? 0) : 0;
				this.#bytes -= taken;
				this.#offset += taken;
				if (!whole || taken < part.length) return 'blocked';
				this.#next++;
				this.#offset = 0;
			}
			this.#frames.length = 0;
			this.#next = 0;
			return 'written';
		} catch (error) {
			if (isStreamGone(error)) return 'stopped';
			throw error;
		}
	}

	/**
	 * As much as quiche can put into packets at once. It counts without the headers of the packets, so a sixteenth is left:
	 * what it takes and cannot send would leak if the stream was stopped just then (see QuicDriver).
	 */
	#fitting(native: QuicheConnection, bytes: Uint8Array): Uint8Array {
		// Opens the stream where it is not open yet, since only then there is a capacity to ask for.
		if (this.#offset === 0 && this.#next === 0) native.streamSend(this.#streamId, noBytes, false);
		const capacity = native.streamCapacity(this.#streamId);
		const fitting = capacity - (capacity >> 4);
		return fitting < bytes.length ? bytes.subarray(0, fitting) : bytes;
	}
}

const noBytes = new Uint8Array(0);

/** Whether quiche says that a stream was stopped or reset by the peer, or is no more. */
export function isStreamGone(error: unknown): boolean {
	return (
		error instanceof Error &&
		/^(StreamStopped|StreamReset|InvalidStreamState|FinalSize|Done)\b/.test(error.message)
	);
}
