/** The trace context that a client of MCP sends along in `_meta`; empty for none. */
export function traceParentIn(meta: Readonly<Record<string, unknown>> | undefined): string {
	return typeof meta?.traceparent === 'string' ? meta.traceparent : '';
}
