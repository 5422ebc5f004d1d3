import type { Connection } from '../carrier/carrier.ts';
import type { OpenOptions, OutgoingExchange, ResponseSink } from '../carrier/outgoing-exchange.ts';
import { hopFacts } from '../telemetry/hop-facts.ts';
import { type HopSpan, telemetry } from '../telemetry/telemetry.ts';
import { failureOf } from '../wire/call-facts.ts';
import type { PluginRequest, PluginResponse } from '../wire/generated/messages.ts';
import type { OrchestraError } from '../wire/orchestra-error.ts';
import { setTraceParent, traceParentOf } from '../wire/trace-parent.ts';

/** Opens an exchange for a client. Where somebody records calls, this one is recorded, and its trace goes along. */
export function openExchange(
	connection: Connection,
	request: PluginRequest,
	sink: ResponseSink,
	options: OpenOptions | undefined,
): OutgoingExchange {
	const active = telemetry();
	const facts = active && hopFacts(request, connection.peer);
	if (!facts) return connection.exchange(request, sink, options);
	const span = active.begin('client', facts, traceParentOf(request));
	if (span.traceParent) setTraceParent(request, span.traceParent);
	return connection.exchange(request, new RecordedSink(sink, span), options);
}

/** Ends a span with its exchange. */
class RecordedSink implements ResponseSink {
	readonly #sink: ResponseSink;
	readonly #span: HopSpan;

	constructor(sink: ResponseSink, span: HopSpan) {
		this.#sink = sink;
		this.#span = span;
	}

	next(response: PluginResponse): void {
		this.#sink.next(response);
	}

	done(response: PluginResponse): void {
		this.#span.end(failureOf(response));
		this.#sink.done(response);
	}

	fail(error: OrchestraError): void {
		this.#span.end(error);
		this.#sink.fail(error);
	}

	granted(bytes: number): void {
		this.#sink.granted?.(bytes);
	}
}
