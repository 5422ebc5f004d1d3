import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { cliCommand, projectRoot, RunningCli } from '../support/run-cli.ts';

/** The folder of an installed package, which may not say where its package.json is. */
export function packageFolder(name: string): string {
	return join(projectRoot, 'node_modules', name);
}

/** A public MCP server of npm, as it is. */
export const publicServer = join(packageFolder('@modelcontextprotocol/server-everything'), 'dist/index.js');

/** The plugin with everything that MCP has. */
export const everything = join(projectRoot, 'test/mcp/everything/plugin.ts');

/** A call of each example that has something to call, and what its answer has to hold. */
export const exampleCalls: Readonly<
	Record<
		string,
		{ readonly tool: string; readonly args: Readonly<Record<string, unknown>>; readonly answer: string }
	>
> = {
	'examples/notes': { tool: 'add_line', args: { path: 'a', text: 'b' }, answer: '"version":1' },
	'examples/release-notes': {
		tool: 'release_notes_prompt',
		args: { version: '1.2.3', changes: 'Faster' },
		answer: 'release notes of version 1.2.3',
	},
	'examples/shell': { tool: 'bash', args: { command: 'echo it ran' }, answer: 'it ran' },
	'examples/tail': {
		tool: 'tail',
		args: { file: join(projectRoot, 'LICENSE'), bytes: 4096 },
		answer: 'Permission is hereby granted',
	},
	'examples/thermometer': {
		tool: 'report_temperature',
		args: { place: 'Oslo', celsius: -5.5 },
		answer: '"level":"normal"',
	},
	'examples/weather': { tool: 'forecast', args: { city: 'Oslo' }, answer: '"city":"Oslo"' },
};

/** The others, which only give what MCP does not have: seams, terminals, parts of sessions. */
export const otherExamples = ['examples/greeter', 'examples/terminal', 'examples/translator'];

/** How a server is started. */
export interface ServerOptions {
	readonly env: Record<string, string>;
	readonly flags?: readonly string[];
	readonly runtime?: 'node' | 'deno';
	readonly cwd?: string;
}

/** Serves on a port of its own, with MCP over HTTP. */
export async function serveHttp(
	targets: readonly string[],
	{ flags = [], ...options }: ServerOptions,
): Promise<{ cli: RunningCli; url: string; tcp: string }> {
	const listen = ['--mcp-http', '127.0.0.1:0', '-l', 'tcp://127.0.0.1:0', '--json'];
	const cli = new RunningCli(['serve', ...targets, ...listen, ...flags], options);
	const [line] = await cli.until(/^.*"event":"ready".*$/m);
	const { addresses } = JSON.parse(line) as { addresses: string[] };
	const find = (begin: string) => addresses.find((address) => address.startsWith(begin)) ?? '';
	return { cli, url: find('http://'), tcp: find('tcp://') };
}

/** A client of the official SDK to `serve --mcp`. Closing it ends the server. */
export async function stdioClient(
	targets: readonly string[],
	{ env, flags = [], runtime = 'node', cwd = projectRoot, ...options }: ServerOptions & { client?: Client },
): Promise<{ client: Client; transport: StdioClientTransport; stderr: () => string }> {
	const client = options.client ?? new Client({ name: 'test', version: '1.0.0' });
	const { command, args } = cliCommand(runtime, ['serve', ...targets, '--mcp', ...flags]);
	const transport = new StdioClientTransport({
		command,
		args,
		env: { ...(process.env as Record<string, string>), NO_COLOR: '1', ...env },
		cwd,
		stderr: 'pipe',
	});
	let stderr = '';
	transport.stderr?.on('data', (data: Buffer) => {
		stderr += data;
	});
	await client.connect(transport);
	return { client, transport, stderr: () => stderr };
}
