import type { ExchangeHandler } from '../carrier/carrier.ts';
import type { IncomingExchange } from '../carrier/incoming-exchange.ts';

/**
 * Sees each exchange before it is routed. It calls `next` to let it go on, now or later, or ends the exchange itself;
 * {@link IncomingExchange.onEnd} tells it of the outcome. It must not throw.
 */
export type Interceptor = (exchange: IncomingExchange, next: () => void) => void;

/** The handler that runs interceptors in their order and then `handler`. */
export function intercepted(interceptors: readonly Interceptor[], handler: ExchangeHandler): ExchangeHandler {
	return interceptors.reduceRight<ExchangeHandler>(
		(next, interceptor) => (exchange) => interceptor(exchange, () => next(exchange)),
		handler,
	);
}
