import type { ExchangeUnderWay } from '../../carrier/exchanges-under-way.ts';
import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import type { OrchestraError } from '../../wire/orchestra-error.ts';

/** The exchanges whose handlers have not ended. Calls that are answered at once never come here. */
export class ActiveExchanges {
	/** By exchange: when its handler got it, on the clock of performance.now(). */
	readonly #exchanges = new Map<IncomingExchange, number>();
	#whenEmpty: (() => void)[] = [];

	get count(): number {
		return this.#exchanges.size;
	}

	get exchanges(): ExchangeUnderWay[] {
		return [...this.#exchanges].map(([exchange, since]) => ({ exchange, since }));
	}

	add(exchange: IncomingExchange): void {
		this.#exchanges.set(exchange, performance.now());
	}

	delete(exchange: IncomingExchange): void {
		this.#exchanges.delete(exchange);
		if (this.#exchanges.size > 0 || this.#whenEmpty.length === 0) return;
		const waiting = this.#whenEmpty;
		this.#whenEmpty = [];
		for (const resolve of waiting) resolve();
	}

	/** Resolves when all have ended; true where that came within `timeoutMs`. */
	drained(timeoutMs: number): Promise<boolean> {
		if (this.#exchanges.size === 0) return Promise.resolve(true);
		return new Promise((resolve) => {
			const timer = setTimeout(() => resolve(false), timeoutMs);
			this.#whenEmpty.push(() => {
				clearTimeout(timer);
				resolve(true);
			});
		});
	}

	/** Tells every handler that nobody waits any more. */
	cancelAll(reason: OrchestraError): void {
		for (const exchange of [...this.#exchanges.keys()]) exchange.cancel(reason);
	}
}
