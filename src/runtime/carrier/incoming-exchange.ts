import type { PluginRequest, PluginResponse, StreamInput } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { Deadline, DeadlineOwner } from './deadline-queue.ts';
import { clearDeadline, startDeadline } from './deadline-queue.ts';
import { errorResponse } from './error-response.ts';
import { InputReceiver } from './input-receiver.ts';
import type { Peer } from './peer.ts';

/** Exchanges that one connection may have under way at once; what comes beyond is answered with `overloaded`. */
export const maxIncomingExchanges = 4096;

/**
 * The serving side of one exchange. A carrier extends it with the two ways of sending.
 *
 * Invariant: exactly one `finish`; later ones, and anything sent after a lost connection, are dropped without a fault, since
 * a handler cannot know that its caller has gone a moment ago.
 */
export abstract class IncomingExchange implements DeadlineOwner {
	readonly request: PluginRequest;
	readonly peer: Peer;
	/** When the caller stops waiting, in milliseconds of Date.now(); undefined where it did not say. */
	readonly deadline: number | undefined;
	#controller: AbortController | undefined;
	#cancelListeners: ((reason: OrchestraError) => void)[] | undefined;
	/** Whether somebody else answers: what the answer does not say of its handler's time is not known then. Set by who forwards. */
	forwarded = false;
	/** Bytes that its request takes of the memory of its connection. For the carrier. */
	memoryBytes = 0;
	#cancelled: OrchestraError | undefined;
	#endListeners: ((response: PluginResponse) => void)[] | undefined;
	#finished = false;
	#chunks = 0;
	#timer: Deadline | undefined;
	#input: InputReceiver | undefined;
	/** On the clock of performance.now(), where the caller wants to know how long we take. */
	readonly #receivedAt: number | undefined;

	constructor(request: PluginRequest, peer: Peer) {
		this.request = request;
		this.peer = peer;
		this.deadline = request.timeoutMs ? Date.now() + request.timeoutMs : undefined;
		this.#receivedAt = request.wantsTiming ? performance.now() : undefined;
	}

	/** Whether the last response was given. */
	get finished(): boolean {
		return this.#finished;
	}

	/** Chunks of a stream that were sent. */
	get chunks(): number {
		return this.#chunks;
	}

	/**
	 * Reason for which the answer is not wanted any more: `cancelled`, `deadline_exceeded`, `connection_lost`, or what made a response impossible to
	 * send (`message_too_large`, say); undefined while somebody does.
	 */
	get cancelled(): OrchestraError | undefined {
		return this.#cancelled;
	}

	/**
	 * Messages that the caller sends after its request, for one reader; undefined where it said that it sends nothing. The caller may begin
	 * when this is first asked for. The loop throws {@link cancelled} where nobody waits any more.
	 */
	get input(): InputReceiver | undefined {
		if (!this.#input && this.request.sendsInput) {
			this.#input = new InputReceiver((bytes) => {
				if (!this.#finished && !this.#cancelled) this.grantInput(bytes);
			});
			if (this.#finished || this.#cancelled) this.#input.close(this.#cancelled);
			else {
				// A loop that waits for input has to hear of the deadline.
				this.#watchDeadline();
				this.#input.open();
			}
		}
		return this.#input;
	}

	/** Takes a message of the caller. One that is not due ends the exchange. For the carrier. */
	takeInput(message: StreamInput): void {
		// A caller cannot know that the handler has answered a moment ago.
		if (this.#finished || this.#cancelled) return;
		const fault = this.#input ? this.#input.fault(message) : 'input came that was not asked for';
		if (fault) this.refuse(new OrchestraError('malformed_message', fault));
		else this.#input?.push(message);
	}

	/** The caller can send nothing more. Where its input has not ended the exchange fails: half a file must not look like a whole one. */
	inputStopped(): void {
		if (!this.request.sendsInput || this.#input?.complete) return;
		this.refuse(new OrchestraError('malformed_message', 'the input stopped before its end'));
	}

	/** Aborts when nobody waits any more; its reason is {@link cancelled}. Made on first use: most handlers never ask. */
	get signal(): AbortSignal {
		if (!this.#controller) {
			this.#controller = new AbortController();
			if (this.#cancelled) this.#controller.abort(this.#cancelled);
			else this.#watchDeadline();
		}
		return this.#controller.signal;
	}

	/** Calls back once, when nobody waits any more; at once where that is so already. */
	onCancel(listener: (reason: OrchestraError) => void): void {
		if (this.#cancelled) {
			listener(this.#cancelled);
			return;
		}
		this.#watchDeadline();
		this.#cancelListeners ??= [];
		this.#cancelListeners.push(listener);
	}

	/**
	 * Calls back once, with the last response, when the handler has ended the exchange; that is so for a caller who has gone, too.
	 * Not called where the exchange has ended already. The listener must not throw, and must not change the response.
	 */
	onEnd(listener: (response: PluginResponse) => void): void {
		if (this.#finished) return;
		this.#endListeners ??= [];
		this.#endListeners.push(listener);
	}

	/** Tells the handler that nobody waits any more. For the carrier; a second call does nothing. */
	cancel(reason: OrchestraError): void {
		if (this.#cancelled || this.#finished) return;
		if (this.#timer) clearDeadline(this.#timer);
		this.#tellHandler(reason);
	}

	/**
	 * Sends a response that is not the last; it is dropped where nobody waits any more. Where it returns a promise, the
	 * reader is behind: wait for it before the next. The promise never rejects; it settles early when the exchange is
	 * cancelled.
	 */
	send(response: PluginResponse): Promise<void> | undefined {
		// After a cancel, only the last response still matters.
		if (this.#finished || this.#cancelled) return undefined;
		response.requestId = this.request.requestId ?? '';
		if (response.streamChunk) this.#chunks++;
		return this.sendFrame(response);
	}

	/** Sends the last response and ends the exchange. */
	finish(response: PluginResponse): void {
		if (this.#finished) return;
		this.#finished = true;
		if (this.#timer) clearDeadline(this.#timer);
		this.#input?.close(this.#cancelled);
		if (this.#endListeners) for (const listener of this.#endListeners) listener(response);
		if (this.#cancelled?.code === 'connection_lost') {
			this.forget();
			return;
		}
		response.requestId = this.request.requestId ?? '';
		// 0 would say nothing.
		if (this.#receivedAt !== undefined && !this.forwarded)
			response.handlerMs ??= Math.max(performance.now() - this.#receivedAt, 0.001);
		this.finishFrame(response);
		this.forget();
	}

	/** Ends the exchange with an error that the carrier found; the handler hears of it as of a cancel. For the carrier. */
	refuse(error: OrchestraError): void {
		if (this.#finished) return;
		this.#input?.close(error);
		// The answer first: a handler that answers when it hears of a cancel would hide the reason.
		this.finish(errorResponse(this.request, error));
		if (!this.#cancelled) this.#tellHandler(error);
	}

	/** Called by the deadline queue only. */
	deadlinePassed(): void {
		this.cancel(new OrchestraError('deadline_exceeded', "the caller's deadline passed"));
	}

	protected abstract sendFrame(response: PluginResponse): Promise<void> | undefined;
	/** Must not throw: a response that cannot be sent (too large, say) is replaced by one that says so. */
	protected abstract finishFrame(response: PluginResponse): void;
	/** Lets the caller send so many bytes more. */
	protected abstract grantInput(bytes: number): void;
	/** The exchange is over: drop it from the tables. */
	protected abstract forget(): void;

	#tellHandler(reason: OrchestraError): void {
		this.#cancelled = reason;
		this.#input?.close(reason);
		for (const listener of this.#cancelListeners ?? []) listener(reason);
		this.#controller?.abort(reason);
	}

	#watchDeadline(): void {
		if (this.deadline === undefined || this.#timer || this.#finished) return;
		this.#timer = startDeadline(this, Math.max(0, this.deadline - Date.now()));
	}
}
