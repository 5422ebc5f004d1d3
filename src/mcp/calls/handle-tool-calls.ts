import { ProtocolError, ProtocolErrorCode, type Result } from '@modelcontextprotocol/server';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import type { McpFront } from '../mcp-front.ts';
import type { QuickServer } from '../serving/quick-server.ts';
import type { TaskBook } from '../tasks/task-book.ts';
import { callTool } from './call-tool.ts';
import { ownTools } from './own-tools.ts';

/** Answers `tools/call`. */
export function handleToolCalls(front: McpFront, server: QuickServer, tasks: TaskBook): void {
	server.answerToolCalls(async ({ name, arguments: args = {}, task: asked }, ctx): Promise<Result> => {
		// In 2026-07-28 the server alone decides.
		const task = ctx.mcpReq.envelope ? undefined : asked;
		const own = ownTools(front).get(name);
		if (own && task) {
			const text = `tool ${name} is not called as a task`;
			throw new ProtocolError(ProtocolErrorCode.MethodNotFound, text);
		}
		if (own) return own.call(args as JsonObject, { ctx, tasks });
		// With discovery by search the others can be called by name, too: a client may know one from before.
		const tool = (await front.listing.tools()).get(name);
		if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no tool ${name}`);
		return callTool(front, tool, args as JsonObject, { ctx, tasks, task });
	});
}
