import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { McpFront } from '../mcp-front.ts';
import type { AnswerToolCall } from '../serving/quick-server.ts';
import type { TaskBook } from '../tasks/task-book.ts';
import { callTool } from './call-tool.ts';
import { ownTools } from './own-tools.ts';

/** Makes the function that answers `tools/call`. @param tasks keeps calls that take long */
export function toolCallAnswerer(front: McpFront, tasks: TaskBook): AnswerToolCall {
	return async ({ name, arguments: args = {}, task: asked }, ctx) => {
		// In 2026-07-28 the server alone decides.
		const task = ctx.mcpReq.envelope ? undefined : asked;
		const own = ownTools(front).get(name);
		if (own && task) {
			const text = `tool ${name} is not called as a task`;
			throw new ProtocolError(ProtocolErrorCode.MethodNotFound, text);
		}
		if (own) return own.call(args, { ctx, tasks });
		// With discovery by search the others can be called by name, too: a client may know one from before.
		const tool = (await front.listing.tools()).get(name);
		if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no tool ${name}`);
		return callTool(front, tool, args, { ctx, tasks, task });
	};
}
