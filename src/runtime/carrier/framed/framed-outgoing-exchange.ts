import { encodeRequestFrame, withTimeout } from '../../wire/frame.ts';
import type { PluginRequest, StreamInput } from '../../wire/generated/messages.ts';
import { maxMessageBytes } from '../../wire/limits.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { TableEntry } from '../exchange-table.ts';
import type { OpenOptions, ResponseSink } from '../outgoing-exchange.ts';
import { OutgoingExchange } from '../outgoing-exchange.ts';

/** Services that an exchange needs of its connection. */
export interface OutgoingOwner {
	/** Whether so much output waits that senders should wait. */
	readonly full: boolean;
	/** Takes the frame, and gives its number. */
	send(frame: Uint8Array): number;
	/** The exchange is over. */
	forget(exchange: FramedOutgoingExchange): void;
	/** The exchange was given up after its request was sent: its last response is still to come. */
	cancelled(exchange: FramedOutgoingExchange): void;
	/** Stops reading from the peer until {@link release}: it ignores the window of this exchange. */
	hold(exchange: FramedOutgoingExchange): void;
	release(exchange: FramedOutgoingExchange): void;
}

const mostWindowBytes = 2 ** 32 - 1;

/** The caller's side of an exchange on a connection that carries frames. */
export class FramedOutgoingExchange extends OutgoingExchange implements TableEntry<FramedOutgoingExchange> {
	nextInBucket: FramedOutgoingExchange | undefined;
	readonly #owner: OutgoingOwner;
	/** Number of the request's frame; undefined while there is none. */
	frameNumber: number | undefined;
	/** Whether the request told its window to the peer. */
	#windowed = false;
	/** Bytes that were consumed and not yet granted to the peer. */
	#owed = 0;
	#held = false;
	#deferred: Uint8Array | undefined;

	constructor(owner: OutgoingOwner, requestId: string, sink: ResponseSink, options: OpenOptions | undefined) {
		super(requestId, sink, options);
		this.#owner = owner;
	}

	/**
	 * Sends the request, or keeps it for {@link sendDeferred}. False, and the exchange fails in a moment, where it cannot be
	 * encoded.
	 */
	begin(request: PluginRequest, defer: boolean): boolean {
		// An exchange that is over already ends before the next turn: the peer need not hear of it.
		if (!this.stillborn) {
			try {
				const envelope = this.envelope(request);
				if (request.streamStart || request.serviceCall || request.acceptsProgress || request.acceptsOutput) {
					this.#windowed = true;
					envelope.streamWindow = Math.min(this.windowBytes, mostWindowBytes);
				}
				const frame = encodeRequestFrame(envelope);
				if (defer) this.#deferred = frame;
				else this.#send(frame);
			} catch (error) {
				this.failSoon(OrchestraError.from(error, 'internal', 'the request cannot be encoded'));
				return false;
			}
		}
		this.start();
		return true;
	}

	/** Whether the request waits for {@link sendDeferred}. */
	get deferred(): boolean {
		return this.#deferred !== undefined;
	}

	/** Sends the request that was kept, unless the exchange has ended. */
	sendDeferred(): void {
		const frame = this.#deferred;
		if (!frame || this.ended) return;
		this.#deferred = undefined;
		const { remainingMs } = this;
		this.#send(remainingMs === undefined ? frame : withTimeout(frame, remainingMs));
	}

	/**
	 * Whether the peer has sent far more than the window allows: by more than the one message with which a sender may
	 * overdraw it. Then only the socket's own back-pressure keeps our memory.
	 */
	get overrun(): boolean {
		return !this.ended && this.unconsumed > this.windowBytes + maxMessageBytes;
	}

	/** Asks the connection to stop reading until the reader has caught up. */
	hold(): void {
		if (this.#held) return;
		this.#held = true;
		this.#owner.hold(this);
	}

	override get inputBlocked(): boolean {
		return this.#owner.full;
	}

	override sendInput(streamInput: StreamInput): void {
		this.#owner.send(encodeRequestFrame({ requestId: this.requestId, streamInput }));
	}

	protected override tellCancelled(): void {
		if (this.frameNumber === undefined) return;
		this.#owner.cancelled(this);
		this.#owner.send(
			encodeRequestFrame({ requestId: this.requestId, streamCancel: { streamId: this.requestId } }),
		);
	}

	protected override letMore(bytes: number): void {
		if (this.#held && this.unconsumed <= this.windowBytes) this.#release();
		if (!this.#windowed) return;
		this.#owed += bytes;
		if (this.#owed * 2 < this.windowBytes) return;
		const credit = Math.min(this.#owed, mostWindowBytes);
		this.#owed = 0;
		this.#owner.send(encodeRequestFrame({ requestId: this.requestId, streamCredit: { bytes: credit } }));
	}

	protected override forget(): void {
		if (this.#held) this.#release();
		this.#owner.forget(this);
	}

	#send(frame: Uint8Array): void {
		this.frameNumber = this.#owner.send(frame);
		this.sent();
	}

	#release(): void {
		this.#held = false;
		this.#owner.release(this);
	}
}
