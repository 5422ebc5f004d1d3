import type { Server, Tool } from '@modelcontextprotocol/server';
import { waitForEvent } from '../calls/event-tools.ts';
import { ownTools } from '../calls/own-tools.ts';
import type { McpFront } from '../mcp-front.ts';
import { takePage } from './page.ts';

/** Answers `tools/list`. */
export function handleToolList(front: McpFront, server: Server): void {
	server.setRequestHandler('tools/list', async ({ params }, ctx) => {
		const hasEvents = await front.events.any(ctx.mcpReq.signal);
		const own = [...ownTools(front).values()]
			.map(({ listed }) => listed)
			.filter(({ name }) => hasEvents || name !== waitForEvent);
		const others =
			front.options.discovery === 'search'
				? []
				: [...(await front.listing.tools()).values()].map(({ listed }) =>
						server.getNegotiatedProtocolVersion() === '2025-11-25' ? withTask(listed) : listed,
					);
		const { items, nextCursor } = takePage([...others, ...own], ({ name }) => name, params?.cursor);
		return { tools: items, ...(nextCursor === undefined ? {} : { nextCursor }) };
	});
}

/** Clients of 2025-11-25 say themselves that a call is a task, where its tool says that it may. */
function withTask(tool: Tool): Tool {
	return { ...tool, execution: { taskSupport: 'optional' } };
}
