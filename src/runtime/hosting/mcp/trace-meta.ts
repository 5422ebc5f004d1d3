import { passedOnTrace } from '../../telemetry/telemetry.ts';

/** What tells an MCP server which trace a request belongs to; nothing where it belongs to none. */
export function traceMeta({ traceParent }: { readonly traceParent: string }): {
	_meta?: { traceparent: string };
} {
	return traceParent ? { _meta: { traceparent: passedOnTrace(traceParent) } } : {};
}
