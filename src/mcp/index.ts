// All of MCP that the commands load, in one piece and only where it is asked for.

export { McpFront, type McpFrontOptions, mcpCallerName } from './mcp-front.ts';
export type { HttpServing, McpHttpOptions } from './serving/serve-http.ts';
export { type StdioServing, serveMcpStdio } from './serving/serve-stdio.ts';
