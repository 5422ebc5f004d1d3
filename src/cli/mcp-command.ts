import { formatMcpTarget, mcpPrefix } from '../toolchain/targets/mcp-target.ts';

/**
 * Arguments in which `mcp:` and all words behind it are one target: the command of an MCP server, with flags of its own. Flags of ours come
 * before it. Where it is one word already, in quotes or a URL, nothing is changed.
 */
export function withMcpCommand(argv: readonly string[]): string[] {
	const at = argv.findIndex((word) => word.startsWith(mcpPrefix));
	const word = argv[at];
	if (word === undefined || /\s|:\/\//.test(word)) return [...argv];
	return [...argv.slice(0, at), formatMcpTarget([word.slice(mcpPrefix.length), ...argv.slice(at + 1)])];
}
