import {
	type Attributes,
	type Context,
	context,
	isSpanContextValid,
	type Meter,
	metrics,
	type Span,
	SpanKind,
	SpanStatusCode,
	type Tracer,
	trace,
} from '@opentelemetry/api';
import type { CallFailure } from '../wire/call-facts.ts';
import { childTraceParent, formatTraceParent, readTraceParent } from '../wire/trace-parent.ts';
import type { Hop, HopFacts, HopSpan, Telemetry } from './telemetry.ts';

// The only module that loads OpenTelemetry. Names and attributes are those of its semantic conventions for RPC; what these have no name for
// begins with `orchestra.`.

/** Under which spans and metrics are recorded. */
const scope = 'orchestra';

/** Upper ends of the buckets of durations, in seconds: those that the conventions ask for, and some below for calls in one process. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Characters of the message of an error. */
const maxMessage = 1024;

/** Failures that are nobody's fault: the caller gave up, or is asked for something first. */
const notFaults = new Set(['cancelled', 'input_required']);

/** Records by the providers of spans and metrics that are registered in this process. @param flush sends what waits */
export function openTelemetry(version: string, flush: () => Promise<void>): Telemetry {
	return new Recorder(trace.getTracer(scope, version), metrics.getMeter(scope, version), flush);
}

class Recorder implements Telemetry {
	readonly #tracer: Tracer;
	readonly #instruments: ReturnType<typeof instrumentsOf>;
	readonly #flush: () => Promise<void>;
	readonly #contexts = new WeakMap<HopSpan, Context>();

	constructor(tracer: Tracer, meter: Meter, flush: () => Promise<void>) {
		this.#tracer = tracer;
		this.#instruments = instrumentsOf(meter);
		this.#flush = flush;
	}

	begin(hop: Hop, facts: HopFacts, parent: string): HopSpan {
		const attributes = attributesOf(hop, facts);
		const within = contextOf(parent);
		const span = this.#tracer.startSpan(
			hop === 'front' ? `tools/call ${facts.name}` : methodOf(facts.plugin, facts.name),
			{ kind: kindOf(hop, facts), attributes },
			within,
		);
		const begun = new RecordedHop(hop, facts, span, parent, this.#instruments);
		this.#contexts.set(begun, trace.setSpan(within, span));
		return begun;
	}

	within<T>(span: HopSpan, work: () => T): T {
		const around = this.#contexts.get(span);
		return around ? context.with(around, work) : work();
	}

	restarted(plugin: string): void {
		this.#instruments.restarts.add(1, { 'orchestra.plugin': plugin });
	}

	close(timeoutMs: number): Promise<boolean> {
		return new Promise((resolve) => {
			const timer = setTimeout(() => resolve(false), timeoutMs);
			this.#flush()
				.catch(() => {})
				.finally(() => {
					clearTimeout(timer);
					resolve(true);
				});
		});
	}
}

/** A call at one hop. */
class RecordedHop implements HopSpan {
	readonly traceParent: string;
	readonly #hop: Hop;
	readonly #facts: HopFacts;
	readonly #span: Span;
	readonly #instruments: ReturnType<typeof instrumentsOf>;
	readonly #since = performance.now();
	#plugin: string;
	#inFlight: Attributes | undefined;
	#ended = false;

	constructor(
		hop: Hop,
		facts: HopFacts,
		span: Span,
		parent: string,
		instruments: ReturnType<typeof instrumentsOf>,
	) {
		this.#hop = hop;
		this.#facts = facts;
		this.#span = span;
		this.#plugin = facts.plugin;
		this.#instruments = instruments;
		const { traceId, spanId, traceFlags } = span.spanContext();
		this.traceParent = isSpanContextValid(span.spanContext())
			? formatTraceParent({ traceId, spanId, flags: traceFlags.toString(16).padStart(2, '0') })
			: // Nobody records spans, only metrics.
				parent && childTraceParent(parent);
	}

	routed(plugin: string): void {
		if (this.#ended) return;
		this.#plugin = plugin;
		this.#span.updateName(methodOf(plugin, this.#facts.name));
		this.#span.setAttributes({
			'rpc.method': methodOf(plugin, this.#facts.name),
			'orchestra.plugin': plugin,
		});
		if (this.#hop === 'route') this.#countInFlight();
	}

	end({ code, message }: CallFailure): void {
		if (this.#ended) return;
		this.#ended = true;
		const isFault = code !== '' && !notFaults.has(code);
		this.#span.setAttribute('rpc.response.status_code', code || 'ok');
		if (isFault) {
			const told = message.slice(0, maxMessage);
			this.#span.setAttribute('error.type', code);
			this.#span.recordException({ name: code, message: told });
			this.#span.setStatus({ code: SpanStatusCode.ERROR, message: told });
		}
		this.#span.end();
		this.#measure(code, isFault);
	}

	#countInFlight(): void {
		if (this.#inFlight) return;
		this.#inFlight = { 'orchestra.plugin': this.#plugin };
		this.#instruments.inFlight.add(1, this.#inFlight);
	}

	#measure(code: string, isFault: boolean): void {
		const { name, kind } = this.#facts;
		const seconds = (performance.now() - this.#since) / 1000;
		const attributes: Attributes = {
			'rpc.system.name': scope,
			'rpc.method': methodOf(this.#plugin, name),
			'rpc.response.status_code': code || 'ok',
			'orchestra.kind': kind,
			...(isFault ? { 'error.type': code } : {}),
		};
		const { client, handler, route, calls, inFlight } = this.#instruments;
		if (this.#hop === 'front') return;
		if (this.#hop === 'client') client.record(seconds, attributes);
		else if (this.#hop === 'handler') handler.record(seconds, attributes);
		else {
			const routed = { ...attributes, 'orchestra.plugin': this.#plugin };
			route.record(seconds, routed);
			calls.add(1, routed);
			if (this.#inFlight) inFlight.add(-1, this.#inFlight);
		}
	}
}

function instrumentsOf(meter: Meter) {
	const duration = (name: string, description: string) =>
		meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: buckets } });
	return {
		client: duration('rpc.client.call.duration', 'Calls, as their callers see them.'),
		handler: duration('rpc.server.call.duration', 'Calls, as the handlers of plugins see them.'),
		route: duration('orchestra.call.duration', 'Calls, as the orchestrator sees them.'),
		calls: meter.createCounter('orchestra.calls', {
			description: 'Calls that ended, as the orchestrator sees them.',
			unit: '{call}',
		}),
		inFlight: meter.createUpDownCounter('orchestra.calls.in_flight', {
			description: 'Calls to plugins that have not ended.',
			unit: '{call}',
		}),
		restarts: meter.createCounter('orchestra.plugin.restarts', {
			description: 'How often a plugin was started again.',
			unit: '{restart}',
		}),
	};
}

function methodOf(plugin: string, name: string): string {
	return plugin ? `${plugin}/${name}` : name;
}

function kindOf(hop: Hop, { kind, remote }: HopFacts): SpanKind {
	if (hop === 'front') return SpanKind.SERVER;
	if (hop === 'client') return kind === 'event' ? SpanKind.PRODUCER : SpanKind.CLIENT;
	if (!remote) return SpanKind.INTERNAL;
	return kind === 'event' ? SpanKind.CONSUMER : SpanKind.SERVER;
}

function attributesOf(hop: Hop, facts: HopFacts): Attributes {
	const { plugin, name, kind, session, caller, address } = facts;
	if (hop === 'front') {
		return {
			'rpc.system.name': 'jsonrpc',
			'rpc.method': 'tools/call',
			'mcp.method.name': 'tools/call',
			'gen_ai.tool.name': name,
			'orchestra.hop': hop,
			...(plugin ? { 'orchestra.plugin': plugin } : {}),
		};
	}
	return {
		'rpc.system.name': scope,
		'rpc.method': methodOf(plugin, name),
		'orchestra.hop': hop,
		'orchestra.kind': kind,
		...(plugin ? { 'orchestra.plugin': plugin } : {}),
		...(session ? { 'orchestra.session': session } : {}),
		...(caller ? { 'orchestra.caller': caller } : {}),
		...(hop === 'client' ? serverOf(address) : {}),
	};
}

/** Host and port of an address such as `tcp://127.0.0.1:50101`. */
function serverOf(address: string): Attributes {
	const [, host, port] = /^[\w+]+:\/\/(.+):(\d+)$/.exec(address) ?? [];
	return host === undefined ? {} : { 'server.address': host, 'server.port': Number(port) };
}

/** Context in which a hop runs: the trace that it says it belongs to, else whatever runs. Text that is no trace context is ignored. */
function contextOf(parent: string): Context {
	const running = context.active();
	const read = readTraceParent(parent);
	if (!read) return running;
	const { traceId, spanId, flags } = read;
	if (trace.getSpanContext(running)?.spanId === spanId) return running;
	return trace.setSpanContext(running, {
		traceId,
		spanId,
		traceFlags: Number.parseInt(flags, 16),
		isRemote: true,
	});
}
