import { setMaxListeners } from 'node:events';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { type ExchangeTiming, phasesOf } from '../../runtime/carrier/exchange-timing.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { DurationHistogram, type DurationRange, type DurationSummary } from './duration-histogram.ts';
import { Pace } from './pace.ts';

/** Options of making calls. */
export interface CallPlan {
	/** Calls under way at once, at most. */
	readonly concurrency: number;
	/** Calls that begin each second. Default: as soon as one ends, the next begins. */
	readonly perSecond?: number | undefined;
	readonly durationMs: number;
	/** Time before the measurement. */
	readonly warmUpMs: number;
}

/** Amount that a call to a streaming tool read. */
export interface StreamRead {
	readonly chunks: number;
	readonly bytes: number;
	readonly firstChunkMs?: number | undefined;
}

/** Makes one call, and notes where its time goes. */
export type MakeCall = (timing: ExchangeTiming, signal: AbortSignal) => Promise<StreamRead | undefined>;

/** Calls that failed with one code. */
export interface FailedCalls {
	readonly code: string;
	/** Message of the first one. */
	readonly message: string;
	readonly count: number;
}

/** Result of a measurement. */
export interface CallMeasurement {
	/** Milliseconds from the first call to the last answer. */
	readonly durationMs: number;
	/** Answered with a result. */
	readonly calls: number;
	/** Results a second. */
	readonly perSecond: number;
	readonly failed: number;
	/** Under way when the time was up, and still so a while later. */
	readonly unfinished: number;
	/** Due, at the rate that was asked for, and never begun: too many calls were under way. */
	readonly notStarted: number;
	/** Durations of the calls with a result, from when they were due. Absent where there are none. */
	readonly latencyMs?: DurationSummary | undefined;
	/** Waits before the request left: for the connection, for the peer to allow one more, or for its turn. */
	readonly queueMs?: DurationSummary | undefined;
	/** There and back; with the handler's time in it where {@link handlerMs} is absent. */
	readonly wireMs?: DurationSummary | undefined;
	readonly handlerMs?: DurationSummary | undefined;
	readonly stream?:
		| { readonly chunks: number; readonly bytes: number; readonly firstChunkMs?: DurationSummary | undefined }
		| undefined;
	/** The most frequent first. */
	readonly errors: readonly FailedCalls[];
	readonly histogram: readonly DurationRange[];
	/** Whether it was stopped before its time. */
	readonly interrupted: boolean;
}

/** Milliseconds that calls get to end when the time is up. */
const graceMs = 5_000;

/** Milliseconds that calls which end at once may keep everything else in this process waiting. */
const turnMs = 5;

const mostErrors = 20;
const mostRanges = 20;

/** Codes after which no further call can succeed. */
const final = new Set<string>(['connection_lost', 'connection_closed']);

/**
 * Makes calls for a while, and measures them.
 *
 * @param onAnswers hears, a few times a second, how many have been answered
 * @returns what was measured, also where the signal ended it early
 * @throws OrchestraError the first failure of the connection, where no call was answered before it
 */
export async function measureCalls(
	call: MakeCall,
	plan: CallPlan,
	signal: AbortSignal,
	onAnswers: (count: number) => void = () => {},
): Promise<CallMeasurement> {
	if (plan.warmUpMs > 0) await new Measuring(call, plan, plan.warmUpMs, signal, () => {}).run();
	return new Measuring(call, plan, plan.durationMs, signal, onAnswers).run();
}

class Measuring {
	readonly #call: MakeCall;
	readonly #plan: CallPlan;
	readonly #durationMs: number;
	readonly #signal: AbortSignal;
	readonly #onAnswers: (count: number) => void;
	/** Aborts when nothing more is to begin, before its time. */
	readonly #stop = new AbortController();
	/** Aborts what is under way. */
	readonly #cancel = new AbortController();
	readonly #latency = new DurationHistogram();
	readonly #queue = new DurationHistogram();
	readonly #wire = new DurationHistogram();
	readonly #handler = new DurationHistogram();
	readonly #firstChunk = new DurationHistogram();
	readonly #errors = new Map<string, { code: string; message: string; count: number }>();
	#streams = false;
	#chunks = 0;
	#bytes = 0;
	#failed = 0;
	#unfinished = 0;
	#lastAnswerAt = 0;
	#turnedAt = 0;
	#broken: unknown;

	constructor(
		call: MakeCall,
		plan: CallPlan,
		durationMs: number,
		signal: AbortSignal,
		onAnswers: (count: number) => void,
	) {
		this.#call = call;
		this.#plan = plan;
		this.#durationMs = durationMs;
		this.#signal = signal;
		this.#onAnswers = onAnswers;
	}

	async run(): Promise<CallMeasurement> {
		const interrupt = () => {
			this.#stop.abort();
			this.#cancel.abort();
		};
		if (this.#signal.aborted) interrupt();
		this.#signal.addEventListener('abort', interrupt, { once: true });
		const end = setTimeout(() => this.#cancel.abort(), this.#durationMs + graceMs);
		const told = setInterval(() => this.#onAnswers(this.#latency.count), 250);
		// Each caller listens to them while it calls or waits.
		setMaxListeners(0, this.#stop.signal, this.#cancel.signal);
		const startAt = performance.now();
		this.#turnedAt = startAt;
		this.#lastAnswerAt = startAt;
		const pace = new Pace(this.#plan.perSecond, startAt, this.#durationMs);
		try {
			await Promise.all(Array.from({ length: this.#plan.concurrency }, () => this.#callOn(pace)));
		} finally {
			clearTimeout(end);
			clearInterval(told);
			this.#signal.removeEventListener('abort', interrupt);
		}
		if (this.#broken !== undefined && this.#latency.count === 0) throw this.#broken;
		return this.#measured(startAt, pace);
	}

	/** One caller: call after call. */
	async #callOn(pace: Pace): Promise<void> {
		const { signal } = this.#stop;
		while (!signal.aborted) {
			const due = pace.next();
			if (due === undefined) return;
			const aheadMs = due.at - performance.now();
			// A timer of less than a millisecond fires after one.
			if (aheadMs >= 0.5) await sleep(aheadMs, undefined, { signal }).catch(() => {});
			else if (performance.now() - this.#turnedAt > turnMs) {
				// Calls in this process may end without ever leaving a timer or a signal its turn.
				await turn();
				this.#turnedAt = performance.now();
			}
			if (signal.aborted) return;
			await this.#callOnce(pace.beginOf(due, aheadMs > 0));
		}
	}

	async #callOnce(beginAt: number): Promise<void> {
		const timing: ExchangeTiming = {};
		try {
			const read = await this.#call(timing, this.#cancel.signal);
			this.#lastAnswerAt = performance.now();
			this.#latency.add(this.#lastAnswerAt - beginAt);
			const phases = phasesOf(timing);
			if (phases) {
				this.#queue.add(phases.queueMs + Math.max(0, (timing.openedAt ?? beginAt) - beginAt));
				this.#wire.add(phases.wireMs);
				if (phases.handlerMs !== undefined) this.#handler.add(phases.handlerMs);
			}
			if (read) this.#noteStream(read);
		} catch (error) {
			if (this.#cancel.signal.aborted) this.#unfinished++;
			else this.#noteFailure(OrchestraError.from(error, 'internal'));
		}
	}

	#noteStream({ chunks, bytes, firstChunkMs }: StreamRead): void {
		this.#streams = true;
		this.#chunks += chunks;
		this.#bytes += bytes;
		if (firstChunkMs !== undefined) this.#firstChunk.add(firstChunkMs);
	}

	#noteFailure(error: OrchestraError): void {
		this.#failed++;
		this.#lastAnswerAt = performance.now();
		const { code, message } = error;
		const known = this.#errors.get(code);
		if (known) known.count++;
		// Codes are the peer's: there may be as many as calls.
		else if (this.#errors.size < mostErrors) this.#errors.set(code, { code, message, count: 1 });
		if (!final.has(code)) return;
		this.#broken ??= error;
		this.#stop.abort();
	}

	#measured(startAt: number, pace: Pace): CallMeasurement {
		const durationMs = Math.max(this.#lastAnswerAt - startAt, 0);
		const calls = this.#latency.count;
		return {
			durationMs: Math.round(durationMs),
			calls,
			perSecond: durationMs === 0 ? 0 : Math.round((calls * 10_000) / durationMs) / 10,
			failed: this.#failed,
			unfinished: this.#unfinished,
			notStarted: this.#stop.signal.aborted ? 0 : pace.notStarted,
			latencyMs: this.#latency.summary(),
			queueMs: this.#queue.summary(),
			wireMs: this.#wire.summary(),
			handlerMs: this.#handler.summary(),
			stream: this.#streams
				? { chunks: this.#chunks, bytes: this.#bytes, firstChunkMs: this.#firstChunk.summary() }
				: undefined,
			errors: [...this.#errors.values()].sort((a, b) => b.count - a.count),
			histogram: this.#latency.ranges(mostRanges),
			interrupted: this.#stop.signal.aborted,
		};
	}
}
