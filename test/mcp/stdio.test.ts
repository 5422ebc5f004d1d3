import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import { cliCommand, projectRoot, RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { runProgram } from '../toolchain/run-program.ts';
import { writeFiles } from '../toolchain/write-files.ts';
import { everything, exampleCalls, otherExamples, packageFolder, stdioClient } from './mcp-files.ts';

const scratch = scratchFolder('mcp-stdio');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
const hostile = join(projectRoot, 'test/mcp/fixtures/hostile-plugin.ts');
const examples = readdirSync(join(projectRoot, 'examples')).map((name) => `examples/${name}`);

/** The text of a result. */
const textOf = ({ content }: { content: unknown }) =>
	(content as { text?: string }[]).map(({ text }) => text).join('');

describe.each(['node', 'deno'] as const)('serve --mcp on %s', (runtime) => {
	test('gives a client of the official SDK every example, and makes no certificate', async () => {
		const { client, transport } = await stdioClient(examples, {
			env: { ...env, ORCHESTRA_CERTS_DIR: join(scratch, `none-${runtime}`) },
			runtime,
		});
		const { tools } = await client.listTools();
		expect(tools.map(({ name }) => name)).toEqual([...tools.map(({ name }) => name)].sort());
		const forecast = await client.callTool({ name: 'forecast', arguments: { city: 'Oslo' } });
		expect(forecast.structuredContent).toMatchObject({ city: 'Oslo' });
		expect(JSON.parse(textOf(forecast))).toEqual(forecast.structuredContent);
		const refused = await client.callTool({ name: 'forecast', arguments: { city: 7 } });
		expect(refused).toMatchObject({ isError: true, structuredContent: { code: 'invalid_arguments' } });
		expect(textOf(refused)).toContain('/city');
		await expect(client.callTool({ name: 'no_such_tool', arguments: {} })).rejects.toMatchObject({
			code: -32602,
		});
		expect([...Object.keys(exampleCalls), ...otherExamples].sort()).toEqual(examples.sort());
		for (const { tool, args, answer } of Object.values(exampleCalls)) {
			const result = await client.callTool({ name: tool, arguments: args });
			expect(textOf(result)).toContain(answer);
		}
		const filled = await client.getPrompt({
			name: 'release_notes',
			arguments: { version: '1.2.3', changes: 'x' },
		});
		expect(filled.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
		const pid = transport.pid as number;
		await client.close();
		await waitUntil(() => !isAlive(pid));
		expect(existsSync(join(scratch, `none-${runtime}`))).toBe(false);
	});

	test('keeps stdout clean of what plugins print, and cancels what waits when its client goes', async () => {
		const { client, transport, stderr } = await stdioClient([hostile], { env, runtime });
		expect(textOf(await client.callTool({ name: 'print', arguments: {} }))).toBe('printed');
		await waitUntil(() => stderr().includes('"jsonrpc":"2.0","id":1') && stderr().includes('while it loads'));
		const controller = new AbortController();
		const waiting = client.callTool({ name: 'wait', arguments: {} }, { signal: controller.signal });
		waiting.catch(() => {});
		await client.callTool({ name: 'cancelled', arguments: {} });
		controller.abort();
		await expect(waiting).rejects.toThrow();
		const counted = async () =>
			((await client.callTool({ name: 'cancelled', arguments: {} })).structuredContent as { count: number })
				.count;
		while ((await counted()) === 0);
		const left = client.callTool({ name: 'wait', arguments: {} });
		left.catch(() => {});
		const pid = transport.pid as number;
		await client.close();
		// Not after the ten minutes that the call would take.
		await waitUntil(() => !isAlive(pid));
	});
});

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

test('progress, output and chunks reach whoever asks, and the whole of a stream is the result', async () => {
	const { client } = await stdioClient([everything, hostile], { env });
	const heard: number[] = [];
	await client.callTool(
		{ name: 'test_tool_with_progress', arguments: {} },
		{ onprogress: ({ progress }) => heard.push(progress) },
	);
	expect(heard).toEqual([...heard].sort((a, b) => a - b));
	expect(heard.length).toBeGreaterThan(0);
	expect(textOf(await client.callTool({ name: 'count_slowly', arguments: {} }))).toBe('1\n2\n3\n');
	const chunks = await client.callTool({ name: 'chunks', arguments: {} });
	expect(chunks.structuredContent).toEqual({ chunks: [{ n: 1 }, { n: 2 }] });
	await client.close();
});

test('a handler asks the user of a client of either era, and hears the answer', async () => {
	for (const mode of ['legacy', 'auto'] as const) {
		const client = new Client(
			{ name: 'asking', version: '1.0.0' },
			{ capabilities: { elicitation: {} }, versionNegotiation: { mode } },
		);
		client.setRequestHandler('elicitation/create', () => ({
			action: 'accept' as const,
			content: { name: 'Ada' },
		}));
		await stdioClient([everything], { env, client });
		const result = await client.callTool({ name: 'test_input_required_result_elicitation', arguments: {} });
		expect(textOf(result)).toBe('Hello, Ada!');
		await client.close();
	}
	// Who cannot ask is told what is needed.
	const { code, stderr } = await runCli(['call', everything, 'test_input_required_result_elicitation'], {
		env,
	});
	expect(code).toBe(5);
	expect(stderr).toContain('user_name');
});

test('storage is there as resources; it can be written only where that was asked for', async () => {
	const folder = mkdtempSync(join(scratch, 'notes-'));
	const { client } = await stdioClient(['examples/notes'], {
		env,
		flags: ['--mcp-storage', 'write', '--config', `folder=${folder}`],
	});
	const { resourceTemplates } = await client.listResourceTemplates();
	const [template] = resourceTemplates;
	expect(template?.uriTemplate).toMatch(/^orchestra:\/\/notes\/storage\/\w+\/\{\+path\}$/);
	const uri = (template?.uriTemplate ?? '').replace('{+path}', 'a/b c.md');
	const written = await client.callTool({ name: 'storage_write', arguments: { uri, content: '# Hello' } });
	expect(written.structuredContent).toEqual({ version: 1 });
	const { resources } = await client.listResources();
	const listed = resources.find(({ name }) => name === 'b c.md');
	expect(listed).toBeDefined();
	const { contents } = await client.readResource({ uri: listed?.uri ?? '' });
	expect(contents[0]).toMatchObject({ mimeType: 'text/markdown', text: '# Hello' });
	const conflict = await client.callTool({ name: 'storage_write', arguments: { uri, content: 'x' } });
	expect(conflict).toMatchObject({ isError: true, structuredContent: { code: 'storage_conflict' } });
	await client.callTool({ name: 'storage_delete', arguments: { uri: listed?.uri ?? '' } });
	await expect(client.readResource({ uri: listed?.uri ?? '' })).rejects.toMatchObject({ code: -32602 });
	await client.close();
	const { client: reader } = await stdioClient(['examples/notes'], { env });
	expect((await reader.listTools()).tools.map(({ name }) => name)).not.toContain('storage_write');
	await reader.close();
});

test('events are there as resources, and to wait for', async () => {
	const { client } = await stdioClient([hostile], { env });
	const { resources } = await client.listResources();
	expect(resources.map(({ uri }) => uri)).toContain('orchestra://events/hostile.happened');
	const next = client.callTool({
		name: 'wait_for_event',
		arguments: { topic: 'hostile.*', timeout_seconds: 20 },
	});
	let heard = false;
	void next.then(() => {
		heard = true;
	});
	// The subscription stands at some time: until then it may be missed.
	while (!heard) await client.callTool({ name: 'happen', arguments: {} });
	expect((await next).structuredContent).toMatchObject({
		topic: 'hostile.happened',
		payload: { text: 'it happened' },
	});
	const { contents } = await client.readResource({ uri: 'orchestra://events/hostile.happened' });
	expect(JSON.parse((contents[0] as { text: string }).text)[0]).toMatchObject({ topic: 'hostile.happened' });
	const nothing = await client.callTool({
		name: 'wait_for_event',
		arguments: { topic: 'nothing', timeout_seconds: 0.05 },
	});
	expect(nothing.structuredContent).toEqual({ timed_out: true });
	await client.close();
});

test('with discovery by search three tools stand for all', async () => {
	const { client } = await stdioClient(['examples/weather', everything], {
		env,
		flags: ['--mcp-discovery', 'search'],
	});
	expect((await client.listTools()).tools.map(({ name }) => name)).toEqual([
		'search_tools',
		'describe_tool',
		'call_tool',
	]);
	const found = await client.callTool({ name: 'search_tools', arguments: { query: 'forecast' } });
	expect(found.structuredContent).toMatchObject({
		tools: [{ name: 'forecast', plugin: 'weather' }],
		total: 1,
	});
	const described = await client.callTool({ name: 'describe_tool', arguments: { name: 'forecast' } });
	expect(described.structuredContent).toMatchObject({ inputSchema: { properties: { city: {} } } });
	const called = await client.callTool({
		name: 'call_tool',
		arguments: { name: 'forecast', arguments: { city: 'Oslo' } },
	});
	expect(called.structuredContent).toMatchObject({ city: 'Oslo' });
	const missing = await client.callTool({ name: 'call_tool', arguments: { name: 'nothing' } });
	expect(missing).toMatchObject({ isError: true, structuredContent: { code: 'tool_not_found' } });
	await client.close();
});

test("Inspector's command line lists and calls every example that has a tool", async () => {
	const inspector = join(packageFolder('@modelcontextprotocol/inspector-cli'), 'build/cli.js');
	const inspect = async (example: string, ...args: string[]) => {
		const { command, args: server } = cliCommand('node', ['serve', example, '--mcp']);
		const words = [inspector, '--cli', command, ...server, ...args];
		const { code, stdout, stderr } = await runProgram(process.execPath, words, { cwd: projectRoot, env });
		if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
		return JSON.parse(stdout);
	};
	const { tools } = await inspect('examples/weather', '--method', 'tools/list');
	expect(tools.map(({ name }: { name: string }) => name)).toEqual(['forecast']);
	const results = Object.entries(exampleCalls).map(async ([example, { tool, args, answer }]) => {
		const given = Object.entries(args).flatMap(([key, value]) => ['--tool-arg', `${key}=${value}`]);
		const result = await inspect(example, '--method', 'tools/call', '--tool-name', tool, ...given);
		expect(textOf(result)).toContain(answer);
	});
	await Promise.all(results);
});

test.each(['node', 'deno'] as const)(
	'bad input on stdin is answered or passed over, and what comes next is served, on %s',
	async (runtime) => {
		await using cli = new RunningCli(['serve', 'examples/weather', '--mcp'], { env, runtime });
		const send = (line: string) => cli.child.stdin.write(`${line}\n`);
		const request = (id: number, method: string, params: object) =>
			send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
		// A request before anything else, of no era that says itself: it is served as the older one, or refused, but answered.
		request(1, 'tools/list', {});
		await cli.until(/"id":1[,}]/);
		send('this is no JSON');
		send('{"jsonrpc":"2.0"}');
		for (let index = 0; index < 2_000; index++) send('{"jsonrpc":"2.0","method":"notifications/none"}');
		request(2, 'initialize', {
			protocolVersion: '1999-01-01',
			capabilities: {},
			clientInfo: { name: 'old', version: '0' },
		});
		await cli.until(/"protocolVersion".*"id":2/);
		send('{"jsonrpc":"2.0","method":"notifications/initialized"}');
		request(3, 'tools/call', { name: 'forecast', arguments: { city: 'Oslo' } });
		await cli.until(/Oslo.*"id":3/);
		// One of a time to come says so with each request.
		const envelope = {
			'io.modelcontextprotocol/protocolVersion': '2099-01-01',
			'io.modelcontextprotocol/clientCapabilities': {},
			'io.modelcontextprotocol/clientInfo': { name: 'new', version: '0' },
		};
		request(5, 'tools/list', { _meta: envelope });
		await cli.until(/"id":5[,}]/);
		request(4, 'no/such/method', {});
		await cli.until(/-32601.*"id":4|"id":4.*-32601/);
		cli.child.stdin.end();
		expect(await cli.exited).toBe(0);
		for (const line of cli.stdout.trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
	},
);

test('of two plugins with one tool the second is refused and told, and the first is served', async () => {
	const [one, two] = ['one', 'two'].map((id) =>
		writeFiles(join(scratch, id), {
			'package.json': `{ "type": "module", "main": "plugin.ts" }`,
			'plugin.ts': `import { createPlugin } from 'orchestra-toolchain';
				export default createPlugin('${id}').registerTool('same', { description: 'x' }, () => '${id}').registerTool('${id}', { description: 'x' }, () => 'own').build();`,
		}),
	) as [string, string];
	const first = await stdioClient([one, two], { env });
	expect((await first.client.listTools()).tools.map(({ name }) => name)).toEqual(['one', 'same']);
	expect(textOf(await first.client.callTool({ name: 'same', arguments: {} }))).toBe('one');
	await waitUntil(() => first.stderr().includes('one and two both provide the tool same'));
	await first.client.close();
	const preferred = await stdioClient([one, two], { env, flags: ['--prefer', 'two'] });
	const names = (await preferred.client.listTools()).tools.map(({ name }) => name);
	expect(names).toEqual(['one', 'same', 'two']);
	expect(textOf(await preferred.client.callTool({ name: 'same', arguments: {} }))).toBe('two');
	await preferred.client.close();
});
