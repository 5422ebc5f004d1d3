import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { everything, serveHttp } from './mcp-files.ts';

const scratch = scratchFolder('mcp-http');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
const hostile = join(projectRoot, 'test/mcp/fixtures/hostile-plugin.ts');

async function connect(
	url: string,
	mode: 'legacy' | 'auto',
	headers: Record<string, string> = {},
): Promise<Client> {
	const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
	await client.connect(
		new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }) as never,
	);
	return client;
}

/** The status of a request that is made by hand. */
function status(url: string, headers: Record<string, string>, body = '{}'): Promise<number> {
	return new Promise((resolve) => {
		const asked = request(
			url,
			{
				method: 'POST',
				headers: {
					'content-type': 'application/json',
					accept: 'application/json, text/event-stream',
					...headers,
				},
			},
			(response) => {
				response.resume();
				resolve(response.statusCode ?? 0);
			},
		);
		// Who sends too much may be cut off before the answer is read.
		asked.once('error', () => resolve(0));
		asked.end(body);
	});
}

describe.each(['node', 'deno'] as const)('serve --mcp-http on %s', (runtime) => {
	test('serves both eras beside TCP, and a call of either reaches the plugin and is cancelled there', async () => {
		const { cli, url, tcp } = await serveHttp([everything, hostile], { env, runtime });
		await using _server = cli;
		for (const mode of ['legacy', 'auto'] as const) {
			const client = await connect(url, mode);
			expect(client.getProtocolEra()).toBe(mode === 'legacy' ? 'legacy' : 'modern');
			const result = await client.callTool({ name: 'test_simple_text', arguments: {} });
			expect(result.content).toEqual([{ type: 'text', text: 'This is a simple text response for testing.' }]);
			const waits = async () =>
				(await client.callTool({ name: 'cancelled', arguments: {} })).structuredContent as {
					begun: number;
					count: number;
				};
			const before = await waits();
			const controller = new AbortController();
			const waiting = client.callTool({ name: 'wait', arguments: {} }, { signal: controller.signal });
			waiting.catch(() => {});
			// Requests over HTTP may overtake each other, and what is given up before it was there is not cancelled there.
			while ((await waits()).begun === before.begun);
			controller.abort();
			while ((await waits()).count === before.count);
			await client.close();
		}
		const { stdout, code } = await runCli(['call', tcp, 'test_simple_text'], { env });
		expect([code, stdout.trim()]).toEqual([0, 'This is a simple text response for testing.']);
		cli.child.kill('SIGTERM');
		expect(await cli.exited).toBe(0);
	});
});

test.each(['node', 'deno'] as const)(
	'a page of a browser by another name, a stranger without the token, and what is no MCP are refused, on %s',
	async (runtime) => {
		const open = await serveHttp(['examples/weather'], { env, runtime });
		await using _open = open.cli;
		const { port } = new URL(open.url);
		expect(await status(open.url, { host: `evil.example:${port}` })).toBe(403);
		expect(await status(open.url, { origin: 'http://evil.example' })).toBe(403);
		expect(await status(open.url.replace('/mcp', '/other'), {})).toBe(404);
		expect(await status(open.url, {}, 'this is no JSON')).toBe(400);
		expect(await status(open.url, {}, '')).toBe(400);
		expect(await status(open.url, { 'content-type': 'text/plain' })).toBe(415);
		expect([413, 0]).toContain(await status(open.url, {}, `"${'x'.repeat(5 * 1024 * 1024)}"`));
		const token = 'a-token-of-the-test-1234';
		const closed = await serveHttp(['examples/weather'], {
			env: { ...env, ORCHESTRA_MCP_TOKEN: token },
			runtime,
		});
		await using _closed = closed.cli;
		expect(await status(closed.url, {})).toBe(401);
		expect(await status(closed.url, { authorization: 'Bearer another-token-of-24-chars' })).toBe(401);
		const client = await connect(closed.url, 'auto', { authorization: `Bearer ${token}` });
		expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['forecast']);
		await client.close();
		expect(closed.cli.stdout + closed.cli.stderr).not.toContain(token);
	},
);

test.each([
	[['--mcp-http', '0.0.0.0:0'], {}, 'bearer token'],
	[['--mcp-http', '127.0.0.1:0'], { ORCHESTRA_MCP_TOKEN: 'short' }, 'too short'],
	[['--mcp-http', '127.0.0.1:99999'], {}, 'no address'],
	[['--mcp', '--json'], {}, 'stdout'],
])('%j is refused as a mistake', async (flags, more, text) => {
	const { code, stderr } = await runCli(['serve', 'examples/weather', '-l', 'tcp://127.0.0.1:0', ...flags], {
		env: { ...env, ...(more as Record<string, string>) },
	});
	expect(code).toBe(2);
	expect(stderr).toContain(text);
});

test('a port that is taken is told, and nothing is left running', async () => {
	const first = await serveHttp(['examples/weather'], { env });
	await using _first = first.cli;
	const { port } = new URL(first.url);
	const { code, stderr } = await runCli(
		['serve', 'examples/weather', '-l', 'tcp://127.0.0.1:0', '--mcp-http', `127.0.0.1:${port}`],
		{ env },
	);
	expect(code).toBe(4);
	expect(stderr).toContain(`127.0.0.1:${port}`);
});

test('rules are for mcp as for everybody, and a plugin that ends and comes again is announced', async () => {
	const folder = mkdtempSync(join(scratch, 'rules-'));
	writeFileSync(
		join(folder, 'orchestra.yaml'),
		JSON.stringify({
			listen: ['tcp://127.0.0.1:0'],
			plugins: [
				{ id: 'weather', module: join(projectRoot, 'examples/weather') },
				{ id: 'hostile', module: hostile, spawn: true },
			],
			access: { rules: [{ name: 'agents', certificates: ['mcp'], tools: ['crash', 'print'] }] },
		}),
	);
	const { cli, url } = await serveHttp([], { env, cwd: folder });
	await using _server = cli;
	const client = await connect(url, 'legacy');
	const denied = await client.callTool({ name: 'forecast', arguments: { city: 'Oslo' } });
	expect(denied).toMatchObject({ isError: true, structuredContent: { code: 'permission_denied' } });
	let told = 0;
	client.setNotificationHandler('notifications/tools/list_changed', () => {
		told++;
	});
	const crashed = await client.callTool({ name: 'crash', arguments: {} });
	expect(crashed.isError).toBe(true);
	// Gone it is listed as not available, and it comes again by itself.
	await waitUntil(() => told > 0);
	await waitUntil(() => /"hostile","state":"running".*\n[\s\S]*"crashed"[\s\S]*"running"/.test(cli.stdout));
	let printed: { isError?: boolean | undefined };
	do printed = await client.callTool({ name: 'print', arguments: {} });
	while (printed.isError);
	await client.close();
});
