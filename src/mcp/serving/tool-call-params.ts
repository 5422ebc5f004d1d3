import { isObject, type JsonObject } from '../../runtime/wire/json-value.ts';

/** Parameters of `tools/call`. */
export interface ToolCallParams {
	readonly name: string;
	readonly arguments?: JsonObject | undefined;
	/** Only of clients of 2025-11-25. */
	readonly task?: { readonly ttl?: number | undefined } | undefined;
}

/** Undefined where the SDK has to say what is wrong with them. */
export function toolCallParams(params: unknown): ToolCallParams | undefined {
	const { name, arguments: args, task } = (params ?? {}) as Record<string, unknown>;
	if (typeof name !== 'string' || !(args === undefined || isObject(args))) return undefined;
	if (task !== undefined && !(isObject(task) && ['undefined', 'number'].includes(typeof task.ttl)))
		return undefined;
	return { name, arguments: args as JsonObject | undefined, task: task as ToolCallParams['task'] };
}
