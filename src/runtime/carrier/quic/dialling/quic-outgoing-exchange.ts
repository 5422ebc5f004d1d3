import { decodeResponse, encodeRequestFrame, withTimeout } from '../../../wire/frame.ts';
import type { StreamInput as InputMessage, PluginRequest } from '../../../wire/generated/messages.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { type OpenOptions, OutgoingExchange, type ResponseSink } from '../../outgoing-exchange.ts';
import { type FrameListener, StreamInput } from '../driver/stream-input.ts';
import type { StreamEntry } from '../driver/stream-table.ts';

/** Bytes that are read at a time from a stream whose window is nearly used up. */
const minReadBytes = 4096;

/** The connection of an exchange, as far as the exchange needs it. */
export interface ExchangeOwner {
	/** Responses that came after their exchange had ended. */
	lateResponses: number;
	/** The exchange has ended, for whatever reason. */
	forget(exchange: QuicOutgoingExchange): void;
	/** The caller gave the exchange up; called after {@link forget}. */
	cancelled(exchange: QuicOutgoingExchange): void;
	/** The reader of the exchange has caught up. */
	resume(exchange: QuicOutgoingExchange): void;
	/** Sends one more frame on the stream of an exchange. */
	sendMore(exchange: QuicOutgoingExchange, frame: Uint8Array, last: boolean): void;
	/** Whether the stream of an exchange has frames that the peer does not take yet. */
	isBlocked(exchange: QuicOutgoingExchange): boolean;
}

/** The caller's side of an exchange over QUIC: one stream of its own, which outlives it until both ends have ended it. */
export class QuicOutgoingExchange
	extends OutgoingExchange
	implements FrameListener, StreamEntry<QuicOutgoingExchange>
{
	before: QuicOutgoingExchange | undefined;
	after: QuicOutgoingExchange | undefined;
	nextInBucket: QuicOutgoingExchange | undefined;
	/** Undefined as long as the peer allows no more streams. */
	streamId: number | undefined;
	/** Whether it waits for a stream. */
	queued = false;
	/** Request to be sent first. */
	request: Uint8Array | undefined;
	input: StreamInput | undefined;
	/** The request's own id for its stream; undefined where it is none that streams. */
	readonly startedStream: string | undefined;
	readonly #connection: ExchangeOwner;
	#paused = false;

	constructor(
		connection: ExchangeOwner,
		requestId: string,
		request: PluginRequest,
		sink: ResponseSink,
		options: OpenOptions | undefined,
	) {
		super(requestId, sink, options);
		this.#connection = connection;
		const envelope = this.envelope(request);
		if (request.streamStart) {
			this.startedStream = request.streamStart.streamId || requestId;
			envelope.streamStart = { ...request.streamStart, streamId: this.startedStream };
		}
		try {
			// A call that is over already ends before the next turn, in which requests are sent.
			this.request = encodeRequestFrame(envelope);
			this.start();
		} catch (error) {
			this.failSoon(OrchestraError.from(error, 'internal', 'the request cannot be sent'));
		}
	}

	/** The request, to be sent now. @param waited whether its timeout has to be told anew */
	takeRequest(waited: boolean): Uint8Array | undefined {
		const frame = this.request;
		if (!frame) return undefined;
		this.sent();
		const left = waited ? this.remainingMs : undefined;
		return left === undefined ? frame : withTimeout(frame, left);
	}

	/** Gives the exchange its stream. */
	open(streamId: number): void {
		this.streamId = streamId;
		this.input = new StreamInput(streamId, this);
		this.request = undefined;
	}

	/** Bytes that come for an exchange that has ended are read and dropped, since quiche keeps a stream until all of it was read. */
	get readableBytes(): number {
		if (this.ended) return Number.MAX_SAFE_INTEGER;
		const free = this.windowBytes - this.unconsumed;
		if (free > 0) return Math.max(free, minReadBytes);
		this.#paused = true;
		return 0;
	}

	frame(payload: Uint8Array): void {
		if (this.ended || !this.receive(decodeResponse(payload))) this.#connection.lateResponses++;
	}

	/** Whether the stream stays open for input after the request. */
	get halfOpen(): boolean {
		return this.sendsInput;
	}

	override get inputBlocked(): boolean {
		return this.#connection.isBlocked(this);
	}

	override sendInput(streamInput: InputMessage): void {
		const frame = encodeRequestFrame({ requestId: this.requestId, streamInput });
		this.#connection.sendMore(this, frame, streamInput.end === true);
	}

	protected override tellCancelled(): void {
		this.#connection.cancelled(this);
	}

	protected override letMore(): void {
		if (!this.#paused || this.unconsumed > this.windowBytes / 2) return;
		this.#paused = false;
		this.#connection.resume(this);
	}

	protected override forget(): void {
		this.#connection.forget(this);
	}
}
