// An MCP server of the TypeScript SDK, over its stdin and stdout. MCP has no streams of data.
import { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { z } from 'zod';
import { echo, pluginId } from '../workload.mjs';

const server = new McpServer({ name: pluginId, version: '1.0.0' });
server.registerTool(
	'echo',
	{
		description: 'Gives back what it got.',
		inputSchema: z.object({ text: z.string(), count: z.number().int() }),
	},
	// The result once: the SDK's users often send it as text too, which would double the bytes.
	(request) => ({ content: [], structuredContent: echo(request) }),
);
process.stdin.on('end', () => process.exit(0));
// 16 MB is more than the SDK takes by default.
const transport = new StdioServerTransport(process.stdin, process.stdout, {
	maxBufferSize: 64 * 1024 * 1024,
});
await server.connect(transport);
