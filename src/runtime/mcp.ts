// Entry for hosts of MCP servers as plugins: `orchestra-toolchain/mcp`. It is apart from the other entries because it is all that needs the MCP SDK.

export type { McpSettings } from './hosting/mcp/mcp-settings.ts';
export { type McpServerOptions, mcpServer } from './hosting/mcp/mcp-source.ts';
