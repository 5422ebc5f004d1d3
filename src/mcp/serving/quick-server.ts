import {
	isInputRequiredResult,
	type JSONRPCRequest,
	type Result,
	Server,
	type ServerContext,
} from '@modelcontextprotocol/server';
import { isObject } from '../../runtime/wire/json-value.ts';

/** Parameters of `tools/call`. */
export interface ToolCallParams {
	readonly name: string;
	readonly arguments?: Readonly<Record<string, unknown>> | undefined;
	/** Of 2025-11-25. */
	readonly task?: { readonly ttl?: number | undefined } | undefined;
}

type AnswerToolCall = (params: ToolCallParams, ctx: ServerContext) => Promise<Result>;

/**
 * The server of the SDK, which checks each call of a tool twice against its schemas and the result once, with less of that: what a call
 * brings is judged here, and results are made of checked parts. It also has no way to answer a call with a task of 2025-11-25. What
 * asks the client for something takes the SDK's way, which knows how.
 */
export class QuickServer extends Server {
	#answer: AnswerToolCall | undefined;
	/** Questions that came up on the quick way, until the SDK's way asks the client. */
	readonly #asked = new WeakMap<ServerContext, Result>();

	/** Says what answers `tools/call`. */
	answerToolCalls(answer: AnswerToolCall): void {
		this.#answer = answer;
		this.setRequestHandler('tools/call', async ({ params }, ctx) => {
			const asked = this.#asked.get(ctx);
			this.#asked.delete(ctx);
			return (asked ?? (await answer(params, ctx))) as never;
		});
	}

	protected override _wrapHandler(
		method: string,
		handler: (request: JSONRPCRequest, ctx: ServerContext) => Promise<Result>,
	): (request: JSONRPCRequest, ctx: ServerContext) => Promise<Result> {
		const wrapped = super._wrapHandler(method, handler);
		if (method !== 'tools/call') return wrapped;
		return async (request, ctx) => {
			const params = toolCallParams(request.params);
			// A state that went through the client is opened on the SDK's way.
			if (!this.#answer || !params || ctx.mcpReq.requestState() !== undefined) return wrapped(request, ctx);
			const result = await this.#answer(params, ctx);
			if (!isInputRequiredResult(result)) return result;
			this.#asked.set(ctx, result);
			return wrapped(request, ctx);
		};
	}
}

/** Undefined where the SDK has to say what is wrong with them. */
function toolCallParams(params: unknown): ToolCallParams | undefined {
	const { name, arguments: args, task } = (params ?? {}) as Record<string, unknown>;
	if (typeof name !== 'string' || !(args === undefined || isObject(args))) return undefined;
	if (task !== undefined && !(isObject(task) && ['undefined', 'number'].includes(typeof task.ttl)))
		return undefined;
	return { name, arguments: args, task: task as ToolCallParams['task'] };
}
