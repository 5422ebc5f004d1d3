import type { ExchangeHandler } from '../../carrier/carrier.ts';
import type { IncomingExchange } from '../../carrier/incoming-exchange.ts';
import { hopFacts } from '../../telemetry/hop-facts.ts';
import { telemetry } from '../../telemetry/telemetry.ts';
import { failureOf } from '../../wire/call-facts.ts';
import { setTraceParent, traceParentOf } from '../../wire/trace-parent.ts';

/** Serves an exchange of a plugin. Where somebody records calls, this one is recorded, and what its handler calls is a part of it. */
export function recordedHandler(exchange: IncomingExchange, plugin: string, serve: ExchangeHandler): void {
	const active = telemetry();
	const facts = active && hopFacts(exchange.request, exchange.peer, plugin);
	if (!facts) {
		serve(exchange);
		return;
	}
	const span = active.begin('handler', facts, traceParentOf(exchange.request));
	if (span.traceParent) setTraceParent(exchange.request, span.traceParent);
	exchange.onEnd((response) => span.end(failureOf(response)));
	active.within(span, () => serve(exchange));
}
