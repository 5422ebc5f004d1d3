import { Flags } from '@oclif/core';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** Address at which MCP is served over HTTP if nothing is said. */
const defaultAddress = '127.0.0.1:50180';

/** The variable that holds the bearer token: a secret does not belong on a command line. */
const tokenVariable = 'ORCHESTRA_MCP_TOKEN';
const minTokenLength = 16;

/** Flags about serving plugins to MCP clients. */
export const mcpFlags = {
	mcp: Flags.boolean({
		description:
			'Speak MCP on stdin and stdout: what an MCP client starts. Listens nowhere else, unless --listen says so.',
	}),
	'mcp-http': Flags.string({
		description: `Serve MCP over HTTP, at /mcp; without a value at ${defaultAddress}. Off loopback $${tokenVariable} has to hold a token.`,
		helpValue: 'ADDRESS',
	}),
	'mcp-discovery': Flags.option({
		description: 'What MCP clients list: all tools, or three tools that search, describe and call them.',
		options: ['all', 'search'] as const,
		default: 'all',
	})(),
	'mcp-storage': Flags.option({
		description: 'Whether MCP clients may change what plugins store.',
		options: ['read', 'write'] as const,
		default: 'read',
	})(),
};

/** Arguments in which `--mcp-http` has its default value where none was given. */
export function withMcpAddress(argv: readonly string[]): string[] {
	return argv.flatMap((word, index) => {
		if (word !== '--mcp-http') return [word];
		const next = argv[index + 1];
		const isAddress = next !== undefined && /^(\[[^\]]+\]|[\w.-]*):\d+$/.test(next);
		return isAddress ? [word] : [word, defaultAddress];
	});
}

/** @throws OrchestraError `usage` */
export function parseMcpAddress(text: string): { host: string; port: number } {
	const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([\w.-]*)):(\d{1,5})$/.exec(text) ?? [];
	const port = Number(digits);
	if (digits === undefined || port > 65_535) {
		throw new OrchestraError('usage', `--mcp-http ${text} is no address`, {
			hint: `Write host:port, such as ${defaultAddress}.`,
		});
	}
	return { host: bracketed ?? (plain || '127.0.0.1'), port };
}

/** The token that HTTP clients have to bring; undefined for none. @throws OrchestraError `usage` for one that is easily guessed */
export function mcpToken(env: NodeJS.ProcessEnv = process.env): string | undefined {
	const token = env[tokenVariable];
	if (!token) return undefined;
	if (token.length >= minTokenLength && !/\s/.test(token)) return token;
	throw new OrchestraError('usage', `$${tokenVariable} is too short for a token, or has spaces`, {
		hint: `It takes ${minTokenLength} characters or more: openssl rand -hex 24 makes one.`,
	});
}
