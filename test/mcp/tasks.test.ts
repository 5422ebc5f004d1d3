import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ToolOutcome } from '../../src/mcp/calls/tool-outcome.ts';
import { TaskBook, TaskRoom } from '../../src/mcp/tasks/task-book.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { mcpServer } from '../../src/runtime/hosting/mcp/mcp-source.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { projectRoot, RunningCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { everything, publicServer } from './mcp-files.ts';

const scratch = scratchFolder('mcp-tasks');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
const hostile = join(projectRoot, 'test/mcp/fixtures/hostile-plugin.ts');

/** Speaks JSON-RPC by lines: no client of the SDK makes tasks of 2025-11-25. */
class Lines {
	readonly cli: RunningCli;
	#id = 0;

	constructor(cli: RunningCli) {
		this.cli = cli;
	}

	send(message: object): void {
		this.cli.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
	}

	async ask(method: string, params: object): Promise<Record<string, unknown>> {
		const id = ++this.#id;
		this.send({ id, method, params });
		await this.cli.until(new RegExp(`^.*"id":${id}[,}].*\n`, 'm'));
		const line = this.cli.stdout.split('\n').find((text) => JSON.parse(text || '{}').id === id) ?? '';
		const { result, error } = JSON.parse(line);
		return result ?? { error };
	}
}

test('a client of 2025-11-25 makes a task of a call, asks how far it is, is asked itself, and cancels', async () => {
	await using cli = new RunningCli(['serve', everything, hostile, '--mcp'], { env });
	const lines = new Lines(cli);
	const capabilities = { elicitation: {} };
	const clientInfo = { name: 'lines', version: '1.0.0' };
	const begun = await lines.ask('initialize', { protocolVersion: '2025-11-25', capabilities, clientInfo });
	expect(begun).toMatchObject({ capabilities: { tasks: { list: {}, cancel: {} } } });
	lines.send({ method: 'notifications/initialized' });
	const { tools } = (await lines.ask('tools/list', {})) as { tools: Record<string, unknown>[] };
	expect(tools.find(({ name }) => name === 'greet')).toMatchObject({
		execution: { taskSupport: 'optional' },
	});

	const start = async (name: string, args: object = {}): Promise<string> => {
		const { task } = await lines.ask('tools/call', { name, arguments: args, task: { ttl: 60_000 } });
		expect(task).toMatchObject({ status: 'working', ttl: 60_000, pollInterval: expect.any(Number) });
		return (task as { taskId: string }).taskId;
	};
	const greeted = await start('greet', { name: 'Ada' });
	expect(await lines.ask('tasks/result', { taskId: greeted })).toMatchObject({
		content: [{ type: 'text', text: 'Hello, Ada!' }],
		_meta: { 'io.modelcontextprotocol/related-task': { taskId: greeted } },
	});
	const failing = await start('test_error_handling');
	expect(await lines.ask('tasks/result', { taskId: failing })).toMatchObject({ isError: true });
	expect(await lines.ask('tasks/get', { taskId: failing })).toMatchObject({ status: 'failed' });

	const asking = await start('test_input_required_result_elicitation');
	const result = lines.ask('tasks/result', { taskId: asking });
	const [line] = await cli.until(/^.*"elicitation\/create".*$/m);
	const { id, params } = JSON.parse(line) as { id: number; params: object };
	expect(params).toMatchObject({ _meta: { 'io.modelcontextprotocol/related-task': { taskId: asking } } });
	expect(await lines.ask('tasks/get', { taskId: asking })).toMatchObject({ status: 'input_required' });
	lines.send({ id, result: { action: 'accept', content: { name: 'Bob' } } });
	expect(await result).toMatchObject({ content: [{ text: 'Hello, Bob!' }] });

	const waiting = await start('wait');
	expect(await lines.ask('tasks/cancel', { taskId: waiting })).toMatchObject({ status: 'cancelled' });
	let cancelled: Record<string, unknown>;
	do cancelled = await lines.ask('tools/call', { name: 'cancelled', arguments: {} });
	while ((cancelled.structuredContent as { count: number }).count === 0);
	expect(await lines.ask('tasks/result', { taskId: waiting })).toMatchObject({ error: { code: -32602 } });
	expect(await lines.ask('tasks/cancel', { taskId: waiting })).toMatchObject({ error: { code: -32602 } });
	expect(await lines.ask('tasks/get', { taskId: 'nobody knows it' })).toMatchObject({
		error: { code: -32602 },
	});
	const listed = (await lines.ask('tasks/list', {})) as { tasks: { taskId: string }[] };
	expect(listed.tasks.map(({ taskId }) => taskId)).toEqual([greeted, failing, asking, waiting]);
	// What goes on ends with its client.
	await start('wait');
	cli.child.stdin.end();
	expect(await cli.exited).toBe(0);
});

test('tasks have an end: by their time, by their owner, by how many there are', async () => {
	const room = new TaskRoom();
	const book = new TaskBook(room);
	const never = new Promise<ToolOutcome>(() => {});
	const options = (ttlMs: number, first = never) => ({
		controller: new AbortController(),
		first,
		again: () => never,
		ttlMs,
		refuse: () => undefined,
	});
	const short = options(1);
	const expired = book.add(short);
	await expired?.changed();
	expect([expired?.status, short.controller.signal.aborted]).toEqual(['cancelled', true]);
	expect(book.get(expired?.id ?? '')).toBeUndefined();

	const big = { content: [{ type: 'text' as const, text: 'x'.repeat(40 * 1024 * 1024) }] };
	const kept = book.add(options(60_000, Promise.resolve({ result: big })));
	const refused = book.add(options(60_000, Promise.resolve({ result: big })));
	await Promise.all([kept?.changed(), refused?.changed()]);
	expect(kept?.result).toBe(big);
	expect(refused?.result).toMatchObject({
		isError: true,
		content: [{ text: expect.stringContaining('too many') }],
	});

	let added = 2;
	while (book.add(options(60_000))) added++;
	expect(added).toBe(128);
	expect(new TaskBook(room).isFull).toBe(false);
	const [first] = book.all();
	book.close();
	expect([room.tasks, room.bytes, book.get(first?.id ?? ''), book.isFull]).toEqual([0, 0, undefined, true]);
});

test('a tool that asks again and again is ended; a key of before becomes another', async () => {
	const asks = {
		asked: { inputRequests: { name: { method: 'roots/list' } } as never, requestState: undefined },
	};
	const given: unknown[] = [];
	const task = new TaskBook(new TaskRoom()).add({
		controller: new AbortController(),
		first: Promise.resolve(asks),
		again: async ({ inputResponses }) => {
			given.push(inputResponses);
			return asks;
		},
		ttlMs: 60_000,
		refuse: () => undefined,
	});
	if (!task) throw new Error('no room');
	const keys: string[] = [];
	await task.changed();
	while (!task.hasEnded) {
		const [key = ''] = Object.keys(task.inputRequests);
		keys.push(key);
		task.answer({ [key]: { roots: [] }, 'nobody asked': {} });
		await task.changed();
	}
	expect(keys.slice(0, 3)).toEqual(['name', 'name-2', 'name-3']);
	expect(given[1]).toEqual({ name: { roots: [] } });
	expect(task).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('32 times') } });
});

test("a public server's tool that has to be a task is called as any other", async () => {
	const orchestrator = new Orchestrator();
	const settings = { command: process.execPath, args: [publicServer] };
	await orchestrator.host(mcpServer({ label: 'public', settings }));
	const client = createClient(orchestrator.connect('cli'));
	const heard: string[] = [];
	const result = await client.callTool(
		'simulate-research-query',
		{ topic: 'tides' },
		{ onProgress: ({ message }) => heard.push(message) },
	);
	expect(JSON.stringify(result)).toContain('tides');
	expect(heard.length).toBeGreaterThan(0);
	await orchestrator.stop({ graceMs: 0 });
});

test('a server of 2026-07-28 that answers with tasks only is told that we take them; what its task asks for is asked of the caller', async () => {
	const orchestrator = new Orchestrator();
	const settings = {
		command: process.execPath,
		args: [join(projectRoot, 'test/mcp/fixtures/task-server.mjs')],
	};
	await orchestrator.host(mcpServer({ label: 'tasks', settings }));
	const client = createClient(orchestrator.connect('cli'));
	expect(await client.callTool('job')).toEqual({ text: 'done' });
	await expect(client.callTool('fails')).rejects.toMatchObject({
		message: expect.stringContaining('it broke'),
	});
	const asked = await client.callTool('asks').catch((error) => error);
	expect(asked).toMatchObject({ code: 'input_required', details: { inputRequests: { name: {} } } });
	const inputResponses = { name: { action: 'accept', content: { name: 'Ada' } } };
	const { requestState } = asked.details;
	expect(await client.callTool('asks', {}, { inputResponses, requestState })).toEqual({ text: 'hello Ada' });
	const controller = new AbortController();
	const endless = client.callTool(
		'endless',
		{},
		{ signal: controller.signal, onProgress: () => controller.abort() },
	);
	await expect(endless).rejects.toMatchObject({ code: 'cancelled' });
	for (let count = 0; count === 0; ) count = Number((await client.callTool('cancelled')).text);
	await orchestrator.stop({ graceMs: 0 });
});

test('a call under way goes on when the tools of its server change, however long it takes', async () => {
	const orchestrator = new Orchestrator();
	const settings = {
		command: process.execPath,
		args: [join(projectRoot, 'test/mcp/fixtures/changing-server.mjs')],
	};
	await orchestrator.host(mcpServer({ label: 'changing', settings }));
	const client = createClient(orchestrator.connect('cli'));
	const controller = new AbortController();
	const slow = client.callTool('slow', {}, { signal: controller.signal }).catch((error) => error);
	await waitUntil(() => orchestrator.callsUnderWay.some(({ name }) => name === 'slow'));
	await client.callTool('grow');
	await waitUntil(() => orchestrator.catalogue.list().tools.some(({ name }) => name?.startsWith('grown')));
	// Longer than a plugin that stops lets its calls go on.
	const still = await Promise.race([
		slow,
		new Promise((resolve) => setTimeout(resolve, 3_000, 'still there')),
	]);
	expect(still).toBe('still there');
	controller.abort();
	expect(await slow).toMatchObject({ code: 'cancelled' });
	await orchestrator.stop({ graceMs: 0 });
});
