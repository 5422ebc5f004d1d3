import { flowCost, isFinal } from '../wire/flow.ts';
import type { PluginRequest, PluginResponse, StreamInput } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { Deadline, DeadlineOwner } from './deadline-queue.ts';
import { clearDeadline, longestTimerMs, startDeadline } from './deadline-queue.ts';
import { beginTiming, type ExchangeTiming, noteAnswer } from './exchange-timing.ts';
import { type InputCarrier, InputSender } from './input-sender.ts';

/** Receives the answers of an exchange: any number of `next`, then exactly one of `done` and `fail`. They must not throw. */
export interface ResponseSink {
	/** A response before the last: a chunk, or progress. Hand its bytes back with {@link OutgoingExchange.consumed}. */
	next(response: PluginResponse): void;
	/** The last response. */
	done(response: PluginResponse): void;
	/** No last response will come. */
	fail(error: OrchestraError): void;
	/** The peer's handler takes so many bytes more of input. */
	granted?(bytes: number): void;
}

/** Options of opening an exchange. */
export interface OpenOptions {
	/**
	 * Milliseconds until the exchange ends with `deadline_exceeded`; it travels with the request. Default
	 * {@link defaultTimeoutMs}; `Infinity` for none (a stream that is meant to live as long as its connection).
	 */
	readonly timeoutMs?: number | undefined;
	/** Aborting it is {@link OutgoingExchange.cancel}. */
	readonly signal?: AbortSignal | undefined;
	/** Bytes of responses that may wait for {@link OutgoingExchange.consumed}. Default {@link defaultWindowBytes}. */
	readonly windowBytes?: number | undefined;
	/** Whether messages follow the request: see {@link OutgoingExchange.send}. Default: none. */
	readonly sendsInput?: boolean | undefined;
	/** Filled in as the exchange goes on; the peer is asked for its part. Default: nothing is measured. */
	readonly timing?: ExchangeTiming | undefined;
}

/** Milliseconds that a call may take where its caller says nothing. */
export const defaultTimeoutMs = 60_000;

/** Milliseconds around our deadline in which a peer that says that one has passed means the same one, as it was told of it. */
const sameDeadlineMs = 50;

/** Bytes of a stream that may be under way before its reader takes them. */
export const defaultWindowBytes = 256 * 1024;

/**
 * The caller's side of one exchange: its state, deadline and flow window. A carrier extends it with the three things that
 * differ: telling the peer of a cancel, letting the peer send more, and forgetting the exchange.
 *
 * Invariant: the sink hears exactly one `done` or `fail`; what comes after that is dropped.
 */
export abstract class OutgoingExchange implements DeadlineOwner, InputCarrier {
	readonly requestId: string;
	/** Time-out that the peer is told; undefined for none. */
	protected readonly timeoutMs: number | undefined;
	protected readonly windowBytes: number;
	readonly #sink: ResponseSink;
	readonly #signal: AbortSignal | undefined;
	readonly #timing: ExchangeTiming | undefined;
	#onAbort: (() => void) | undefined;
	#deadline: Deadline | undefined;
	#ended = false;
	/** Bytes that were delivered and not yet handed back. */
	#unconsumed = 0;
	readonly #input: InputSender | undefined;

	constructor(requestId: string, sink: ResponseSink, options: OpenOptions = {}) {
		this.requestId = requestId;
		this.#sink = sink;
		this.#signal = options.signal;
		// At least one byte: 0 would say "no limit" on the wire.
		this.windowBytes = Math.max(1, options.windowBytes ?? defaultWindowBytes);
		this.#timing = options.timing;
		this.#input = options.sendsInput ? new InputSender(this) : undefined;
		if (options.timing) beginTiming(options.timing);
		const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
		this.timeoutMs = timeoutMs < longestTimerMs ? Math.max(0, Math.ceil(timeoutMs)) : undefined;
	}

	/** Whether the sink has heard its last. */
	get ended(): boolean {
		return this.#ended;
	}

	/** Whether it is over before it began, and must not be sent: its deadline has passed already, or its signal has aborted. */
	protected get stillborn(): boolean {
		return this.timeoutMs === 0 || this.#signal?.aborted === true;
	}

	/** Bytes that the reader has not taken yet. */
	protected get unconsumed(): number {
		return this.#unconsumed;
	}

	/** Whole milliseconds until the deadline, at least 1; undefined where there is none. */
	protected get remainingMs(): number | undefined {
		return this.#deadline && Math.max(1, Math.ceil(this.#deadline.at - performance.now()));
	}

	/** Starts the deadline and the signal. The carrier calls it once, when it has taken the exchange up. */
	protected start(): void {
		// An exchange that is over already ends soon too, but never before open() has returned.
		if (this.timeoutMs === 0) queueMicrotask(() => this.deadlinePassed());
		else if (this.timeoutMs !== undefined) this.#deadline = startDeadline(this, this.timeoutMs);
		const signal = this.#signal;
		if (!signal) return;
		const onAbort = () => this.cancel(signal.reason);
		this.#onAbort = onAbort;
		if (signal.aborted) queueMicrotask(onAbort);
		else signal.addEventListener('abort', onAbort, { once: true });
	}

	/** The request with what this exchange adds to it. */
	protected envelope(request: PluginRequest): PluginRequest {
		// The spread comes last: V8 up to Node 20 takes a microsecond for properties that are added after one.
		const envelope: PluginRequest = { requestId: '', timeoutMs: 0, ...request };
		envelope.requestId = this.requestId;
		envelope.timeoutMs = this.timeoutMs ?? 0;
		if (this.timed) envelope.wantsTiming = true;
		if (this.#input) envelope.sendsInput = true;
		return envelope;
	}

	/** Whether messages follow the request. */
	protected get sendsInput(): boolean {
		return this.#input !== undefined;
	}

	/**
	 * Sends a message after the request, in an exchange that was opened with `sendsInput`; the last one says `end`. Nothing leaves before
	 * the peer's handler reads its input, so that a peer which does not know input is never sent any. Where it returns a promise,
	 * the handler is behind: wait for it before the next. The promise never rejects; it settles early when the exchange ends. What
	 * cannot be sent (more than 16 MiB, something after the end) cancels the exchange with its error.
	 */
	send(input: StreamInput): Promise<void> | undefined {
		if (this.#ended) return undefined;
		if (!this.#input) throw new OrchestraError('internal', 'the exchange was not opened for input');
		try {
			return this.#input.send(input);
		} catch (error) {
			this.cancel(OrchestraError.from(error, 'internal', 'the input cannot be sent'));
			return undefined;
		}
	}

	/** Whether all input has left. */
	protected get inputFinished(): boolean {
		return !this.#input || this.#input.finished;
	}

	/** The connection may have room again. For the carrier. */
	resumeInput(): void {
		if (!this.#ended && this.#input) this.#grant(0);
	}

	#grant(bytes: number): void {
		try {
			if (bytes > 0) this.#input?.grant(bytes);
			else this.#input?.pump();
		} catch (error) {
			this.cancel(OrchestraError.from(error, 'internal', 'the input cannot be sent'));
		}
	}

	/** Whether it was asked where the time goes. */
	protected get timed(): boolean {
		return this.#timing !== undefined;
	}

	/** Notes that the request is on its way. For the carrier. */
	protected sent(): void {
		if (this.#timing) this.#timing.sentAt = performance.now();
	}

	/** Takes a response from the peer. False where the exchange had ended: a late response. */
	receive(response: PluginResponse): boolean {
		if (this.#ended) return false;
		if (isFinal(response)) {
			if (response.error?.code === 'deadline_exceeded' && this.#isDue()) {
				this.fail(this.deadlineError());
				return true;
			}
			if (this.#timing) noteAnswer(this.#timing, response.handlerMs);
			this.#end();
			this.#sink.done(response);
		} else if (response.inputCredit !== undefined) {
			const bytes = response.inputCredit.bytes ?? 0;
			this.#sink.granted?.(bytes);
			this.#grant(bytes);
		} else {
			this.#unconsumed += flowCost(response);
			this.#sink.next(response);
		}
		return true;
	}

	/** Fails once the caller holds this exchange: for a carrier that finds out before it has handed it over. */
	failSoon(error: OrchestraError): void {
		queueMicrotask(() => this.fail(error));
	}

	/** Ends the exchange without an answer. The peer is not told. */
	fail(error: OrchestraError): void {
		if (this.#ended) return;
		this.#end();
		this.#sink.fail(error);
	}

	/** Gives up: the peer's handler is told, and the sink hears `cancelled` (or `reason`, where it is one of our errors). */
	cancel(reason?: unknown): void {
		if (this.#ended) return;
		const error =
			reason instanceof OrchestraError
				? reason
				: new OrchestraError('cancelled', 'the call was cancelled', { cause: reason });
		this.#end();
		this.tellCancelled(error);
		this.#sink.fail(error);
	}

	/** Says that the reader has taken a response given to `next`, so that the peer may send more. */
	consumed(response: PluginResponse): void {
		const bytes = flowCost(response);
		this.#unconsumed -= bytes;
		if (!this.#ended) this.letMore(bytes);
	}

	/** Whether the deadline is now: whose clock is first, ours or that of a peer on the way, is chance, and says nothing to the caller. */
	#isDue(): boolean {
		return this.#deadline !== undefined && this.#deadline.at - performance.now() < sameDeadlineMs;
	}

	/** Called by the deadline queue only. */
	deadlinePassed(): void {
		this.cancel(this.deadlineError());
	}

	/** Error for the sink when the deadline has passed. */
	protected deadlineError(): OrchestraError {
		const { timeoutMs } = this;
		const details = { timeoutMs };
		return timeoutMs === 0
			? new OrchestraError('deadline_exceeded', 'the deadline had passed before the request was sent', {
					details,
				})
			: new OrchestraError('deadline_exceeded', `no answer within ${timeoutMs} ms`, {
					details,
					hint: 'Allow more time, or find out why the tool is slow.',
				});
	}

	/** Whether so much waits on the connection that no more input should be added. */
	get inputBlocked(): boolean {
		return false;
	}

	/** Sends one message of input now. @throws OrchestraError where it cannot be encoded */
	abstract sendInput(input: StreamInput): void;
	/** Tells the peer that nobody waits any more, and why. */
	protected abstract tellCancelled(reason: OrchestraError): void;
	/** The reader took this many bytes. */
	protected abstract letMore(bytes: number): void;
	/** The exchange is over, for whatever reason: drop it from the tables. */
	protected abstract forget(): void;

	#end(): void {
		this.#ended = true;
		if (this.#deadline) clearDeadline(this.#deadline);
		if (this.#onAbort) this.#signal?.removeEventListener('abort', this.#onAbort);
		this.#input?.close();
		this.forget();
	}
}
