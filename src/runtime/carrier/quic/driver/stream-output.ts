import type { QuicheConnection } from '../native/quiche.ts';
import type { SendBudget } from './send-budget.ts';

/** State of a {@link StreamOutput}. */
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

	/** Whether everything is with quiche, the end of the stream included. */
	get ended(): boolean {
		return this.#ending && this.empty;
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

	/** Hands quiche what it can send now. */
	write(native: QuicheConnection, budget: SendBudget, resumeBelow: number): OutputState {
		const state = this.#write(native, budget);
		if (state === 'stopped') this.drop();
		else if (this.#onDrained && this.#bytes <= resumeBelow) this.release();
		return state;
	}

	#write(native: QuicheConnection, budget: SendBudget): OutputState {
		try {
			while (this.#next < this.#frames.length) {
				const frame = this.#frames[this.#next] as Uint8Array;
				const rest = frame.length - this.#offset;
				const length = budget.allow(native, this.#streamId, rest);
				if (length === 0 && rest > 0) return 'blocked';
				const whole = this.#offset === 0 && length === rest;
				const part = whole ? frame : frame.subarray(this.#offset, this.#offset + length);
				// The last bytes go with the end of the stream in one frame: an end of its own can get lost.
				const last = length === rest && this.#ending && this.#next === this.#frames.length - 1;
				const taken = native.streamSend(this.#streamId, part, last) ?? 0;
				budget.spend(taken);
				this.#bytes -= taken;
				this.#offset += taken;
				if (taken < rest) return 'blocked';
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
}

/** Whether quiche says that a stream was stopped or reset by the peer, or is no more. */
export function isStreamGone(error: unknown): boolean {
	return (
		error instanceof Error &&
		/^(StreamStopped|StreamReset|InvalidStreamState|FinalSize|Done)\b/.test(error.message)
	);
}
