import { hopFacts } from '../telemetry/hop-facts.ts';
import { type HopSpan, telemetry } from '../telemetry/telemetry.ts';
import { failureOf } from '../wire/call-facts.ts';
import type { PluginRequest } from '../wire/generated/messages.ts';
import { setTraceParent, traceParentOf } from '../wire/trace-parent.ts';
import type { CallObserver } from './call-observer.ts';
import type { OrchestratorChange } from './change.ts';
import type { Interceptor } from './interceptor.ts';

/** Hooks of an orchestrator into its routes and its plugins. */
export interface RecordedRoutes {
	intercept(interceptor: Interceptor): unknown;
	observeCalls(observer: CallObserver): unknown;
	onChange(listener: (change: OrchestratorChange) => void): unknown;
}

/** Records the calls that an orchestrator routes, and how often its plugins are started again, for as long as somebody records. */
export function recordRoutes(orchestrator: RecordedRoutes): void {
	const spans = new WeakMap<PluginRequest, HopSpan>();
	orchestrator.intercept((exchange, next) => {
		const { request, peer } = exchange;
		const active = telemetry();
		const facts = active && hopFacts(request, peer);
		if (!facts) {
			next();
			return;
		}
		const span = active.begin('route', facts, traceParentOf(request));
		if (span.traceParent) setTraceParent(request, span.traceParent);
		spans.set(request, span);
		exchange.onEnd((response) => span.end(failureOf(response)));
		active.within(span, next);
	});
	orchestrator.observeCalls({
		arrived: () => {},
		routed: ({ request }, { id }) => spans.get(request)?.routed(id),
	});
	const starts = new Map<string, number>();
	orchestrator.onChange((change) => {
		if (change.kind === 'plugin_removed') starts.delete(change.slot.id);
		if (change.kind !== 'plugin') return;
		const { id, status } = change.slot;
		const before = starts.get(id);
		const now = status.starts ?? 0;
		if (before !== undefined && now > before) telemetry()?.restarted(id);
		starts.set(id, now);
	});
}
