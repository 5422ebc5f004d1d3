import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import type { OrchestraError } from '../../wire/orchestra-error.ts';

/** The exchanges whose handlers have not ended. Calls that are answered at once never come here. */
export class ActiveExchanges {
	readonly #exchanges = new Set<IncomingExchange>();
	#whenEmpty: (() => void)[] = [];

	get count(): number {
		return this.#exchanges.size;
	}

	get exchanges(): IncomingExchange[] {
		return [...this.#exchanges];
	}

	add(exchange: IncomingExchange): void {
		this.#exchanges.add(exchange);
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
		for (const exchange of [...this.#exchanges]) exchange.cancel(reason);
	}
}
