import { ProtocolError, ProtocolErrorCode, type Server } from '@modelcontextprotocol/server';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import type { McpFront } from '../mcp-front.ts';
import { callTool } from './call-tool.ts';
import { ownTools } from './own-tools.ts';

/** Answers `tools/call`. */
export function handleToolCalls(front: McpFront, server: Server): void {
	server.setRequestHandler('tools/call', async ({ params: { name, arguments: args = {} } }, ctx) => {
		const own = ownTools(front).get(name);
		if (own) return own.call(args as JsonObject, ctx);
		// With discovery by search the others can be called by name, too: a client may know one from before.
		const tool = (await front.listing.tools()).get(name);
		if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `there is no tool ${name}`);
		return callTool(front, tool, args as JsonObject, ctx);
	});
}
