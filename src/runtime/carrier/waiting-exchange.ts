import { clearTimeout, setTimeout } from 'node:timers';
import { isFinal } from '../wire/flow.ts';
import type { PluginRequest, PluginResponse, StreamInput } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { Connection } from './carrier.ts';
import { copyRequest } from './memory/copy-message.ts';
import type { OpenOptions, ResponseSink } from './outgoing-exchange.ts';
import { OutgoingExchange } from './outgoing-exchange.ts';

/** Connection that has waiting exchanges. */
export interface WaitingOwner {
	/** Address that the connection is meant for, for messages. */
	readonly addressText: string;
	/** Reason why there is none, where it is known. */
	readonly failure: OrchestraError | undefined;
	/** Sends an exchange when there is a connection: now, or later. */
	submit(exchange: WaitingExchange): void;
	/** Milliseconds to wait before an exchange is sent again for the nth time. */
	retryDelayMs(attempt: number): number;
	forget(exchange: WaitingExchange): void;
}

/**
 * An exchange that was opened before there was a connection to carry it, or that may be repeated. It holds a copy of its
 * request; what comes of the connection's own exchange is passed on.
 */
export class WaitingExchange extends OutgoingExchange {
	readonly #owner: WaitingOwner;
	readonly #options: OpenOptions;
	#request: PluginRequest | undefined;
	#inner: OutgoingExchange | undefined;
	#retriesLeft: number;
	#attempts = 0;
	#retryTimer: ReturnType<typeof setTimeout> | undefined;
	/** Whether the sink has heard anything: then nothing can be repeated any more. */
	#begun = false;

	/** @param retries how often it may be sent again after an error that says that it may */
	constructor(
		owner: WaitingOwner,
		request: PluginRequest,
		requestId: string,
		sink: ResponseSink,
		options: OpenOptions = {},
		retries = 0,
	) {
		super(requestId, sink, options);
		this.#owner = owner;
		this.#options = options;
		this.#retriesLeft = retries;
		try {
			this.#request = { ...copyRequest(request), requestId };
			this.start();
		} catch (error) {
			this.failSoon(OrchestraError.from(error, 'internal', 'the request cannot be copied'));
		}
	}

	/** Whether there is nothing to send: it has failed, or is about to. */
	get unsendable(): boolean {
		return this.#request === undefined || this.stillborn;
	}

	/** Sends it over a connection that stands, with the time that is left. */
	forward(connection: Connection): void {
		if (this.ended || !this.#request) return;
		const { timing, windowBytes } = this.#options;
		const openedAt = timing?.openedAt;
		this.#attempts += 1;
		const inner = connection.exchange(
			this.#request,
			{
				next: (response) => {
					this.#begun = true;
					this.receive(response);
				},
				done: (response) => this.#done(response),
				fail: (error) => this.#failed(error),
				granted: (bytes) => {
					// Its handler has begun: what is sent from now on would be lost.
					this.#begun = true;
					this.receive({ inputCredit: { bytes } });
				},
			},
			{
				timeoutMs: this.remainingMs ?? Number.POSITIVE_INFINITY,
				windowBytes,
				timing,
				sendsInput: this.sendsInput,
			},
		);
		if (timing && openedAt !== undefined) timing.openedAt = openedAt;
		this.#inner = inner;
	}

	override consumed(response: PluginResponse): void {
		super.consumed(response);
		if (!isFinal(response)) this.#inner?.consumed(response);
	}

	protected override deadlineError(): OrchestraError {
		if (this.#attempts > 0 || this.stillborn) return super.deadlineError();
		const { addressText, failure } = this.#owner;
		return new OrchestraError(
			'deadline_exceeded',
			`there was no connection to ${addressText} within ${this.timeoutMs} ms`,
			{
				hint: failure?.hint ?? 'Check that it is running, and the address.',
				details: { address: addressText, timeoutMs: this.timeoutMs },
				// It was never sent.
				retryable: true,
				cause: failure,
			},
		);
	}

	override sendInput(input: StreamInput): void {
		this.#inner?.send(input);
	}

	protected override tellCancelled(reason: OrchestraError): void {
		this.#inner?.cancel(reason);
	}

	protected override letMore(): void {}

	protected override forget(): void {
		clearTimeout(this.#retryTimer);
		this.#request = undefined;
		this.#owner.forget(this);
	}

	#done(response: PluginResponse): void {
		if (response.error?.retryable && this.#repeat()) return;
		this.receive(response);
	}

	#failed(error: OrchestraError): void {
		if (this.ended) return;
		// The connection ended just now: nothing was sent, so that this is no repetition.
		const unsent = error.code === 'connection_closed' && error.retryable;
		if (unsent) {
			this.#attempts -= 1;
			this.#owner.submit(this);
		} else if (!error.retryable || !this.#repeat()) this.fail(error);
	}

	#repeat(): boolean {
		if (this.ended || this.#begun || this.#retriesLeft === 0) return false;
		this.#retriesLeft -= 1;
		this.#inner = undefined;
		this.#retryTimer = setTimeout(
			() => this.#owner.submit(this),
			this.#owner.retryDelayMs(this.#attempts - 1),
		);
		return true;
	}
}
