import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';

/** Names for calls, given when they are first asked for. */
export class CallIds {
	readonly #ids = new WeakMap<IncomingExchange, string>();
	#count = 0;

	of(exchange: IncomingExchange): string {
		const known = this.#ids.get(exchange);
		if (known) return known;
		const id = `c${++this.#count}`;
		this.#ids.set(exchange, id);
		return id;
	}
}
