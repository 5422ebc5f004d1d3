// An MCP server of the official SDK's low level, over stdin and stdout: what ours stands on, with the same handlers and no orchestrator.
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { lowServer } from './mcp-low-server.mjs';

process.stdin.on('end', () => process.exit(0));
// 16 MB is more than the SDK takes by default.
const transport = new StdioServerTransport(process.stdin, process.stdout, {
	maxBufferSize: 64 * 1024 * 1024,
});
serveStdio(lowServer, { transport });
