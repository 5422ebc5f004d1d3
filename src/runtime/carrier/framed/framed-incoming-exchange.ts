import { flowCost } from '../../wire/flow.ts';
import { encodeResponseFrame } from '../../wire/frame.ts';
import type { PluginRequest, PluginResponse } from '../../wire/generated/messages.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { unsendableResponse } from '../error-response.ts';
import type { TableEntry } from '../exchange-table.ts';
import { Gate } from '../gate.ts';
import { IncomingExchange } from '../incoming-exchange.ts';
import type { Peer } from '../peer.ts';

/** Services that an exchange needs of its connection. */
export interface IncomingOwner {
	readonly peer: Peer;
	/** Whether so much output waits that senders should wait. */
	readonly full: boolean;
	send(frame: Uint8Array): void;
	/** The exchange is over. */
	forget(exchange: FramedIncomingExchange): void;
}

/** The serving side of an exchange on a connection that carries frames. */
export class FramedIncomingExchange extends IncomingExchange implements TableEntry<FramedIncomingExchange> {
	nextInBucket: FramedIncomingExchange | undefined;
	readonly #owner: IncomingOwner;
	readonly requestId: string;
	/** Bytes that the caller takes before it grants more; undefined where it did not say. */
	readonly #window: number | undefined;
	/** Bytes of the window that are used. */
	#used = 0;
	/** The sender that waits for the window, or for the socket. */
	#gate: Gate | undefined;

	constructor(request: PluginRequest, owner: IncomingOwner) {
		super(request, owner.peer);
		this.#owner = owner;
		this.requestId = request.requestId ?? '';
		this.#window = request.streamWindow || undefined;
	}

	override cancel(reason: OrchestraError): void {
		super.cancel(reason);
		this.#openGate();
	}

	/** The caller took this many bytes. */
	credit(bytes: number): void {
		// A peer that grants more than it was sent must not win an endless window by it.
		this.#used = Math.max(0, this.#used - bytes);
		this.reconsider();
	}

	/** The window or the socket may have room again. */
	reconsider(): void {
		if (this.#gate && !this.#blocked()) this.#openGate();
	}

	protected override sendFrame(response: PluginResponse): Promise<void> | undefined {
		let frame: Uint8Array;
		try {
			frame = encodeResponseFrame(response);
		} catch (error) {
			this.refuse(OrchestraError.from(error, 'internal', 'the response cannot be encoded'));
			return undefined;
		}
		this.#used += flowCost(response);
		this.#owner.send(frame);
		return this.#blocked() ? this.#wait() : undefined;
	}

	protected override finishFrame(response: PluginResponse): void {
		let frame: Uint8Array;
		try {
			frame = encodeResponseFrame(response);
		} catch (error) {
			frame = encodeResponseFrame(unsendableResponse(this.request, error, 'the response cannot be encoded'));
		}
		this.#owner.send(frame);
	}

	protected override grantInput(bytes: number): void {
		this.#owner.send(encodeResponseFrame({ requestId: this.requestId, inputCredit: { bytes } }));
	}

	protected override forget(): void {
		this.#openGate();
		this.#owner.forget(this);
	}

	#blocked(): boolean {
		return (this.#window !== undefined && this.#used >= this.#window) || this.#owner.full;
	}

	#wait(): Promise<void> {
		this.#gate ??= new Gate();
		return this.#gate.opened;
	}

	#openGate(): void {
		this.#gate?.open();
		this.#gate = undefined;
	}
}
