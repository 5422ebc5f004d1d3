import type { PluginRequest, PluginResponse, StreamInput } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { ExchangeHandler } from '../carrier.ts';
import { unsendableResponse } from '../error-response.ts';
import { Gate } from '../gate.ts';
import { IncomingExchange } from '../incoming-exchange.ts';
import type { Linked } from '../linked-list.ts';
import type { OpenOptions, ResponseSink } from '../outgoing-exchange.ts';
import { OutgoingExchange } from '../outgoing-exchange.ts';
import type { Peer } from '../peer.ts';
import { copyInput, copyRequest, copyResponse } from './copy-message.ts';

/** Services that an exchange needs of its connection. */
export interface MemoryOwner {
	readonly caller: Peer;
	readonly handler: ExchangeHandler;
	/** The handler has ended the exchange, or will never see it. */
	release(exchange: MemoryOutgoing): void;
}

/** The caller's side of an exchange in process. */
export class MemoryOutgoing extends OutgoingExchange implements Linked<MemoryOutgoing> {
	before: MemoryOutgoing | undefined;
	after: MemoryOutgoing | undefined;
	readonly #owner: MemoryOwner;
	#request: PluginRequest | undefined;
	#served: MemoryIncoming | undefined;
	/** The sender that waits for the reader. */
	#gate: Gate | undefined;

	constructor(owner: MemoryOwner, requestId: string, sink: ResponseSink, options: OpenOptions | undefined) {
		super(requestId, sink, options);
		this.#owner = owner;
	}

	/** Takes a copy of the request, to be delivered in a moment. False, and the exchange fails in a moment, where it cannot. */
	begin(request: PluginRequest): boolean {
		try {
			const copy = copyRequest(request);
			copy.requestId = this.requestId;
			if (this.timeoutMs !== undefined) copy.timeoutMs = this.timeoutMs;
			if (this.timed) copy.wantsTiming = true;
			if (this.sendsInput) copy.sendsInput = true;
			this.#request = copy;
		} catch (error) {
			this.failSoon(OrchestraError.from(error, 'internal', 'the request cannot be copied'));
			return false;
		}
		this.start();
		return true;
	}

	/** Hands the request to the handler, unless nobody waits for an answer any more. */
	deliver(): void {
		const request = this.#request;
		this.#request = undefined;
		if (this.ended || this.stillborn || !request) {
			this.#owner.release(this);
			return;
		}
		this.sent();
		const incoming = new MemoryIncoming(request, this.#owner, this);
		this.#served = incoming;
		try {
			this.#owner.handler(incoming);
		} catch (error) {
			incoming.refuse(OrchestraError.from(error, 'handler_error'));
		}
	}

	/** Answers in place of the handler. */
	answer(response: PluginResponse): void {
		this.receive(response);
	}

	/** The connection is going: ends both sides. */
	lose(reason: OrchestraError): void {
		this.#served?.cancel(new OrchestraError('connection_lost', 'the caller closed the connection'));
		this.fail(reason);
	}

	/** A promise where the reader is behind by the whole window. */
	room(): Promise<void> | undefined {
		if (this.ended || this.unconsumed < this.windowBytes) return undefined;
		this.#gate ??= new Gate();
		return this.#gate.opened;
	}

	override sendInput(input: StreamInput): void {
		this.#served?.takeInput(copyInput(input));
	}

	protected override tellCancelled(reason: OrchestraError): void {
		const served = this.#served;
		if (!served) return;
		const code = reason.code === 'deadline_exceeded' ? 'deadline_exceeded' : 'cancelled';
		const told = new OrchestraError(code, `the caller gave up: ${reason.message}`);
		// Not at once: as on every other carrier, cancel() returns before the handler hears of it.
		queueMicrotask(() => served.cancel(told));
	}

	protected override letMore(): void {
		if (this.#gate && this.unconsumed < this.windowBytes) this.#openGate();
	}

	protected override forget(): void {
		if (this.#gate) this.#openGate();
	}

	#openGate(): void {
		this.#gate?.open();
		this.#gate = undefined;
	}
}

/** The handler's side of an exchange in process. */
class MemoryIncoming extends IncomingExchange {
	readonly #owner: MemoryOwner;
	readonly #outgoing: MemoryOutgoing;

	constructor(request: PluginRequest, owner: MemoryOwner, outgoing: MemoryOutgoing) {
		super(request, owner.caller);
		this.#owner = owner;
		this.#outgoing = outgoing;
	}

	protected override sendFrame(response: PluginResponse): Promise<void> | undefined {
		const outgoing = this.#outgoing;
		if (outgoing.ended) return undefined;
		let copy: PluginResponse;
		try {
			copy = copyResponse(response);
		} catch (error) {
			this.refuse(OrchestraError.from(error, 'internal', 'the response cannot be copied'));
			return undefined;
		}
		outgoing.receive(copy);
		return outgoing.room();
	}

	protected override finishFrame(response: PluginResponse): void {
		if (this.#outgoing.ended) return;
		let copy: PluginResponse;
		try {
			copy = copyResponse(response);
		} catch (error) {
			copy = unsendableResponse(this.request, error, 'the response cannot be copied');
		}
		this.#outgoing.receive(copy);
	}

	protected override grantInput(bytes: number): void {
		this.#outgoing.receive({ inputCredit: { bytes } });
	}

	protected override forget(): void {
		this.#owner.release(this.#outgoing);
	}
}
