import { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import type { PluginResponse } from '../../wire/generated/messages.ts';

/** An exchange within another: what it ends with is looked at before the other ends with it. */
export class HookedExchange extends IncomingExchange {
	readonly #outer: IncomingExchange;
	readonly #finish: (response: PluginResponse) => void;

	/** @param finish gets the last response, and ends the other exchange */
	constructor(outer: IncomingExchange, finish: (response: PluginResponse) => void) {
		super(outer.request, outer.peer);
		this.#outer = outer;
		this.#finish = finish;
	}

	/** The caller sends to the outer exchange; what it sends is read from there. */
	override get input(): IncomingExchange['input'] {
		return this.#outer.input;
	}

	protected override sendFrame(response: PluginResponse): Promise<void> | undefined {
		return this.#outer.send(response);
	}

	protected override finishFrame(response: PluginResponse): void {
		this.#outer.forwarded ||= this.forwarded;
		this.#finish(response);
	}

	protected override grantInput(): void {}

	protected override forget(): void {}
}
