import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { mcpServer } from '../../src/runtime/hosting/mcp/mcp-source.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { projectRoot, RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { everything, publicServer, serveHttp } from './mcp-files.ts';

const scratch = scratchFolder('mcp-source');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
const changing = join(projectRoot, 'test/mcp/fixtures/changing-server.mjs');

describe.each(['node', 'deno'] as const)('a public MCP server of npm, on %s', (runtime) => {
	test('is inspected and called by nothing but its command', async () => {
		const { code, stdout, stderr } = await runCli(
			['inspect', '--json', `mcp:${process.execPath}`, publicServer],
			{ env, runtime },
		);
		expect(code, stderr).toBe(0);
		const { plugins, tools, storage, prompts } = JSON.parse(stdout);
		expect(plugins[0]).toMatchObject({ id: 'server-everything' });
		expect(tools.map(({ name }: { name: string }) => name)).toContain('echo');
		expect(prompts.length).toBeGreaterThan(0);
		expect(storage).toEqual(['uri:server-everything']);
		const called = await runCli(
			['call', `mcp:${process.execPath} ${publicServer}`, 'echo', 'message=hello'],
			{ env, runtime },
		);
		expect([called.code, called.stdout.trim()]).toEqual([0, 'Echo: hello']);
		const refused = await runCli(['call', `mcp:${process.execPath} ${publicServer}`, 'echo', '--json'], {
			env,
			runtime,
		});
		expect(refused.code).toBe(2);
		expect(JSON.parse(refused.stderr).error).toMatchObject({ code: 'invalid_arguments' });
	});

	test('is served beside a module, and reaches a TCP client and an MCP client', async () => {
		const folder = mkdtempSync(join(scratch, 'served-'));
		writeFileSync(
			join(folder, 'orchestra.yaml'),
			JSON.stringify({
				plugins: [
					{
						id: 'public',
						mcp: { command: process.execPath, args: [publicServer], env: { PLANTED: 'seen' } },
					},
					{ id: 'weather', module: join(projectRoot, 'examples/weather') },
				],
			}),
		);
		const { cli, tcp, url } = await serveHttp([], { env, runtime, cwd: folder });
		await using _server = cli;
		const call = async (...words: string[]) =>
			JSON.parse((await runCli(['call', tcp, ...words, '--json'], { env })).stdout);
		expect(await call('get-sum', 'a=2', 'b=3')).toEqual({ text: 'The sum of 2 and 3 is 5.' });
		expect(await call('forecast', 'city=Oslo')).toMatchObject({ city: 'Oslo' });
		expect(JSON.stringify(await call('get-env'))).toContain('PLANTED');
		// Through us as through itself: an image stays one.
		const { stdout } = await runCli(['call', `mcp:${url}`, 'get-tiny-image', '--json'], { env });
		expect(JSON.parse(stdout).content.map(({ type }: { type: string }) => type)).toEqual([
			'text',
			'image',
			'text',
		]);
		const listed = await runCli(['storage', tcp, 'list', '--type', 'uri:public'], { env });
		expect(listed.stdout).toContain('demo://resource/static');
	});
});

/** An orchestrator with the server that changes. */
async function hostChanging() {
	const lines: string[] = [];
	const orchestrator = new Orchestrator({
		onLog: ({ message }) => lines.push(message),
		onOutput: (_label, line) => lines.push(line),
	});
	const settings = { command: process.execPath, args: [changing] };
	const plugin = await orchestrator.host(mcpServer({ label: 'changing', settings }));
	return { orchestrator, plugin, client: createClient(orchestrator.connect('cli')), lines };
}

test('its lists are followed while it runs; what cannot be a tool of ours is left out and told', async () => {
	const { orchestrator, client, lines } = await hostChanging();
	const names = async () => (await client.listTools()).map(({ name }) => name);
	expect(await names()).toEqual([
		'lists',
		'grow',
		'end',
		'slow',
		'garbage',
		'misfit',
		'storm',
		'cancelled',
		'strange',
	]);
	expect(lines.join('\n')).toContain('not/a/name');
	expect(lines.join('\n')).toContain('no message at all');
	expect(lines.join('\n')).toContain('strange');
	expect(await client.callTool('strange', { a: 1 })).toEqual({ text: 'strange' });
	const slow = client.callTool('slow');
	slow.catch(() => {});
	expect(await client.callTool('grow')).toEqual({ text: 'grow' });
	// In process nothing else runs while only promises are waited for.
	while (!(await names()).includes('grown6')) await setImmediate();
	// A call that was under way is still under way.
	expect(orchestrator.callsUnderWay.map(({ name }) => name)).toEqual(['slow']);
	await orchestrator.stop({ graceMs: 0 });
	await expect(slow).rejects.toMatchObject({ code: expect.any(String) });
});

test('a cancel reaches it, a line that is no message hurts nobody, and its end ends the calls and is told', async () => {
	const { orchestrator, client, plugin, lines } = await hostChanging();
	const controller = new AbortController();
	const slow = client.callTool('slow', {}, { signal: controller.signal });
	slow.catch(() => {});
	await client.callTool('garbage');
	controller.abort();
	await expect(slow).rejects.toMatchObject({ code: 'cancelled' });
	while ((await client.callTool('cancelled')).text === '0') await setImmediate();
	await expect(client.callTool('slow', {}, { timeoutMs: 50 })).rejects.toMatchObject({
		code: 'deadline_exceeded',
	});
	await expect(client.callTool('misfit')).rejects.toMatchObject({ code: 'invalid_response' });
	// Thousands of changes are read as a few, while calls go on.
	expect(await client.callTool('storm')).toEqual({ text: 'storm' });
	expect(Number((await client.callTool('lists')).text)).toBeLessThan(20);
	const waits = client.callTool('slow');
	waits.catch(() => {});
	await expect(client.callTool('end')).rejects.toMatchObject({ code: 'connection_lost' });
	await expect(waits).rejects.toMatchObject({ code: 'connection_lost' });
	expect(await plugin.ended).toMatchObject({ reason: 'crashed', exit: { code: 3 } });
	expect(lines.join('\n')).toContain('a line on stderr');
	await expect(client.callTool('grow')).rejects.toMatchObject({ code: 'plugin_unavailable' });
	await orchestrator.stop({ graceMs: 0 });
});

test.each([
	['a program that ends', 'mcp:false', 4, 'ended while it was started'],
	['one that is not there', 'mcp:no-such-program', 4, 'no such file'],
	['one that never answers', 'mcp:sleep 60', 4, 'does not speak MCP'],
	['an address where nobody listens', 'mcp:http://127.0.0.1:9/mcp', 4, 'no MCP server answers'],
	['no command', 'mcp:', 2, 'names no MCP server'],
	['a quote that does not end', "mcp:node 'x", 2, 'quote'],
])('%s is an error that says so', async (_what, target, expected, text) => {
	const { code, stderr } = await runCli(['call', target, 'tool', '--timeout', '3s'], { env });
	expect(stderr).toContain(text);
	expect(code).toBe(expected);
});

test('a call over it from end to end: our plugin, over MCP, in our orchestrator, keeps its errors and what it asks for', async () => {
	const orchestrator = new Orchestrator();
	const settings = {
		command: process.execPath,
		args: [join(projectRoot, 'bin/orchestra.js'), 'serve', everything, 'examples/weather', '--mcp'],
		cwd: projectRoot,
	};
	await orchestrator.host(mcpServer({ label: 'far', settings, env }));
	const client = createClient(orchestrator.connect('cli'));
	await expect(client.callTool('test_error_handling')).rejects.toMatchObject({
		code: 'handler_error',
		message: expect.stringContaining('intentionally'),
	});
	await expect(client.callTool('test_input_required_result_elicitation')).rejects.toMatchObject({
		code: 'input_required',
		details: { inputRequests: { user_name: { method: 'elicitation/create' } } },
	});
	const inputResponses = { user_name: { action: 'accept', content: { name: 'Ada' } } };
	expect(await client.callTool('test_input_required_result_elicitation', {}, { inputResponses })).toEqual({
		text: 'Hello, Ada!',
	});
	const heard: number[] = [];
	await client.callTool(
		'test_tool_with_progress',
		{},
		{ onProgress: ({ progress }) => heard.push(progress) },
	);
	expect(heard.length).toBeGreaterThan(0);
	const { content } = await client.storage.read('test://static-text', { storageType: 'uri:far' });
	expect(Buffer.from(content).toString()).toContain('static text');
	// A prompt that asks first, by way of the same answers.
	await expect(client.getPrompt('test_input_required_result_prompt')).rejects.toMatchObject({
		code: 'input_required',
		details: { inputRequests: { user_context: { method: 'elicitation/create' } } },
	});
	const answered = { user_context: { action: 'accept', content: { context: 'tides' } } };
	const filled = await client.getPrompt(
		'test_input_required_result_prompt',
		{},
		{ inputResponses: answered },
	);
	expect(filled.messages[0]?.content).toMatchObject({ text: 'The context is tides' });
	const prompt = await client.getPrompt('test_prompt_with_image');
	expect(prompt.messages[0]?.content).toMatchObject({ type: 'image', block: { mimeType: 'image/png' } });
	await orchestrator.stop({ graceMs: 0 });
});

test('a mistake in orchestra.yaml is told with its place', async () => {
	const folder = mkdtempSync(join(scratch, 'mistake-'));
	writeFileSync(
		join(folder, 'orchestra.yaml'),
		'plugins:\n  - id: a\n    args: [x]\n    mcp: {command: node, headers: {A: b}}\n  - id: b\n    mcp: {url: "ftp://x"}\n',
	);
	await using cli = new RunningCli(['serve'], { env, cwd: folder });
	expect(await cli.exited).toBe(3);
	expect(cli.stderr).toContain('plugins[0].mcp.headers');
	expect(cli.stderr).toContain('belongs under mcp');
	expect(cli.stderr).toContain('plugins[1].mcp.url');
});
