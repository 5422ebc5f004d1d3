import type { PluginRequest } from './generated/messages.ts';

/** The parts of a W3C trace context, as in a `traceparent` header. */
export interface TraceParent {
	/** 32 hexadecimal digits. */
	readonly traceId: string;
	/** 16 hexadecimal digits: whoever is the parent of what comes next. */
	readonly spanId: string;
	/** Two hexadecimal digits; the last bit says that the trace is recorded. */
	readonly flags: string;
}

/** Beginning of any version. Version 00 has nothing behind it; a later one may, after a dash. */
const pattern = /^(?!ff)([\da-f]{2})-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-|$)/;

/** Characters of version 00. */
const length = 55;

/** Reads a trace context. @returns undefined for what is none: the specification has it ignored then */
export function readTraceParent(text: string): TraceParent | undefined {
	if (text.length < length) return undefined;
	const [, version, traceId = '', spanId = '', flags = '', end] = pattern.exec(text) ?? [];
	if (version === undefined || (version === '00' && end === '-')) return undefined;
	return { traceId, spanId, flags };
}

/** A trace context as text. */
export function formatTraceParent({ traceId, spanId, flags }: TraceParent): string {
	return `00-${traceId}-${spanId}-${flags}`;
}

/** The same trace with a new parent. What is no trace context is ignored: a new trace begins then. */
export function childTraceParent(parent: string): string {
	const read = readTraceParent(parent);
	return read ? formatTraceParent({ ...read, spanId: randomSpanId() }) : newTraceParent();
}

/** A trace that begins here. It may be recorded: whoever comes next decides. */
export function newTraceParent(): string {
	return formatTraceParent({
		traceId: crypto.randomUUID().replaceAll('-', ''),
		spanId: randomSpanId(),
		flags: '01',
	});
}

/** Trace context of a peer's text: empty for none, and a new trace for text that is none. */
export function usableTraceParent(text: string): string {
	return text === '' || readTraceParent(text) ? text : newTraceParent();
}

/** The trace that a trace context belongs to; the text itself where it is none. */
export function traceIdOf(traceParent: string): string {
	return readTraceParent(traceParent)?.traceId ?? traceParent;
}

/** The trace context of a request; empty for none. */
export function traceParentOf(request: PluginRequest): string {
	const { toolCall, streamStart, serviceCall } = request;
	return (toolCall ?? streamStart ?? serviceCall ?? request).traceParent ?? '';
}

/** Gives a request another trace context. */
export function setTraceParent(request: PluginRequest, traceParent: string): void {
	const { toolCall, streamStart, serviceCall } = request;
	(toolCall ?? streamStart ?? serviceCall ?? request).traceParent = traceParent;
}

/** The random digits of a UUID. UUIDs are made of a stock of random bytes: a tenth of the cost of asking the system each time. */
function randomSpanId(): string {
	const id = crypto.randomUUID();
	return id.slice(0, 8) + id.slice(-8);
}
