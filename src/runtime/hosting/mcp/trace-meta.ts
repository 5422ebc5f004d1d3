import { passedOnTrace } from '../../telemetry/telemetry.ts';

/** The `_meta` of a request to an MCP server: what is given, and which trace it belongs to; nothing where there is neither. */
export function traceMeta(
	{ traceParent }: { readonly traceParent: string },
	meta: Readonly<Record<string, unknown>> = {},
): { _meta?: Record<string, unknown> } {
	const all = { ...meta, ...(traceParent ? { traceparent: passedOnTrace(traceParent) } : {}) };
	return Object.keys(all).length > 0 ? { _meta: all } : {};
}
