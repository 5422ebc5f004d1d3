import type { IncomingExchange } from './incoming-exchange.ts';

/** An exchange whose handler has not ended. */
export interface ExchangeUnderWay {
	readonly exchange: IncomingExchange;
	/** When its handler got it, on the clock of performance.now(). */
	readonly since: number;
}
