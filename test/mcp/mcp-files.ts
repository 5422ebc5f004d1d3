import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { denoExecutable } from '../support/deno.ts';
import { projectRoot, RunningCli } from '../support/run-cli.ts';

/** The folder of an installed package, which may not say where its package.json is. */
export function packageFolder(name: string): string {
	return join(projectRoot, 'node_modules', name);
}

/** A public MCP server of npm, as it is. */
export const publicServer = join(packageFolder('@modelcontextprotocol/server-everything'), 'dist/index.js');

/** The plugin with everything that MCP has. */
export const everything = join(projectRoot, 'test/mcp/everything/plugin.ts');

/** Servers on a port of their own, with MCP over HTTP. */
export async function serveHttp(
	targets: readonly string[],
	options: {
		env: Record<string, string>;
		flags?: readonly string[];
		runtime?: 'node' | 'deno';
		cwd?: string;
	},
): Promise<{ cli: RunningCli; url: string; tcp: string }> {
	const { env, flags = [], runtime = 'node', cwd } = options;
	const args = [
		'serve',
		...targets,
		'--mcp-http',
		'127.0.0.1:0',
		'-l',
		'tcp://127.0.0.1:0',
		'--json',
		...flags,
	];
	const cli = new RunningCli(args, { env, runtime, ...(cwd ? { cwd } : {}) });
	const [line] = await cli.until(/^.*"event":"ready".*$/m, 30_000);
	const { addresses } = JSON.parse(line) as { addresses: string[] };
	const find = (begin: string) => addresses.find((address) => address.startsWith(begin)) ?? '';
	return { cli, url: find('http://'), tcp: find('tcp://') };
}

/** A client of the official SDK to `serve --mcp`. Closing it ends the server. */
export async function stdioClient(
	targets: readonly string[],
	options: {
		env: Record<string, string>;
		flags?: readonly string[];
		runtime?: 'node' | 'deno';
		cwd?: string;
		client?: Client;
	},
): Promise<{ client: Client; transport: StdioClientTransport; stderr: () => string }> {
	const { env, flags = [], runtime = 'node', cwd = projectRoot } = options;
	const client = options.client ?? new Client({ name: 'test', version: '1.0.0' });
	const before = runtime === 'deno' ? ['run', '-A', '--quiet'] : [];
	const transport = new StdioClientTransport({
		command: runtime === 'deno' ? denoExecutable() : process.execPath,
		args: [...before, join(projectRoot, 'bin/orchestra.js'), 'serve', ...targets, '--mcp', ...flags],
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
