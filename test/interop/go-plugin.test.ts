import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { type LaunchOptions, launchPlugin } from '../../src/runtime/launching/launch-plugin.ts';
import type { LaunchedPlugin } from '../../src/runtime/launching/launched-plugin.ts';
import { encodeRequestFrame, encodeResponseFrame } from '../../src/runtime/wire/frame.ts';
import type { PluginResponse } from '../../src/runtime/wire/generated/messages.ts';
import { maxMessageBytes } from '../../src/runtime/wire/limits.ts';
import { isGone, OutputLog } from '../launching/processes.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { eventually } from './support/eventually.ts';
import { goBinaries, titled } from './support/go-binaries.ts';

const go = await goBinaries();
const folder = scratchFolder('go-plugin');
const certsDir = join(folder, 'certs');

function launch(options: Partial<LaunchOptions> = {}): Promise<LaunchedPlugin> {
	return launchPlugin({ command: go.plugin, certsDir, ...options });
}

describe.skipIf(go.missing)(titled('a Go plugin that our host has launched', go), () => {
	const log = new OutputLog();
	let launched: LaunchedPlugin;
	let client: PluginClient;

	beforeAll(async () => {
		launched = await launch({ id: 'go-tools', config: { city: 'Oslo' }, onOutput: log.listener });
		client = launched.client;
	});
	afterAll(() => launched?.stop());

	test('is known by its id, speaks the core protocol, and was booted with its config', async () => {
		expect(launched).toMatchObject({ id: 'go-tools', manifest: undefined, description: undefined });
		expect(launched.connection.peer).toMatchObject({ name: 'go-tools', carrier: 'quic' });
		expect(await log.line(/^ON_BOOT (.*)$/)).toMatchObject({ 1: '{"city":"Oslo"}' });
		expect(await client.health()).toEqual({ status: 'healthy', message: 'ok', details: {} });
	});

	test('lists its tools, streaming ones too, with their schemas', () => {
		const tools = new Map(launched.tools.map((tool) => [tool.name, tool]));
		expect(tools.get('echo')).toMatchObject({
			description: 'Gives back what it got.',
			inputSchema: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } } },
		});
		expect(tools.has('count')).toBe(true);
		expect(tools.get('kinds')?.inputSchema).toEqual({});
	});

	test('gets every kind of JSON value as it is, and gives it back', async () => {
		const value = {
			null: null,
			true: true,
			false: false,
			text: 'ünïcödé 🌍 \u0000 \u2028',
			empty: '',
			zero: 0,
			negative: -0.5,
			big: Number.MAX_SAFE_INTEGER,
			huge: 1.7976931348623157e308,
			tiny: 5e-324,
			list: [1, 'two', [3, [null]], {}],
			nothing: [],
			object: { a: { b: { c: [{ d: 'e' }] } } },
			'': 'a key without letters',
			__proto__key: 1,
			'ключ.with "quotes"': true,
			toString: 'x',
		};
		expect(await client.callTool('echo', value)).toEqual(value);
		const special = JSON.parse('{"__proto__":{"x":1},"constructor":2}');
		const back = await client.callTool('echo', special);
		// Go gives the keys back in any order.
		expect(Object.entries(back).sort()).toEqual(Object.entries(special).sort());
		expect(await client.callTool('kinds', { n: null, b: true, d: 1, s: '', l: [], o: {} })).toMatchObject({
			kinds: {
				n: 'NullValue',
				b: 'BoolValue',
				d: 'NumberValue',
				s: 'StringValue',
				l: 'ListValue',
				o: 'StructValue',
			},
		});
		expect(await client.callTool('echo')).toEqual({});
	});

	test('hears who calls, and in which session', async () => {
		const traceParent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
		const context = { sessionId: 's-1', provider: 'claude', traceParent };
		expect(await client.callTool('kinds', {}, context)).toMatchObject({
			session: 's-1',
			provider: 'claude',
			trace: expect.stringContaining('4bf92f3577b34da6a3ce929d0e0e4736'),
		});
	});

	test.each([
		['fail', 'handler_error', 'the Go tool failed: äöü'],
		['app_error', 'burnt', 'the dish is burnt'],
		['no_such_tool', 'tool_not_found', 'tool "no_such_tool" not found'],
		['count', 'tool_not_found', 'tool "count" not found'],
		['no_answer', 'handler_error', /go-tools failed at tool_call no_answer/],
	])('answers a call of %s with %s', async (tool, code, message) => {
		await expect(client.callTool(tool)).rejects.toMatchObject({
			name: 'PeerError',
			code,
			message: message instanceof RegExp ? expect.stringMatching(message) : message,
		});
	});

	test('may succeed without a result', async () => {
		expect(await client.callTool('no_result')).toEqual({});
	});

	test.each([
		['nan', 'not_json'],
		['infinity', 'not_json'],
		['deep', 'nesting_too_deep'],
		// The SDK cannot encode it, and closes the stream without a word.
		['bad_utf8', 'connection_lost'],
	])('a result with %s in it fails that call alone, with %s', async (what, code) => {
		await expect(client.callTool('odd', { what })).rejects.toMatchObject({ code });
		expect(await client.callTool('echo', { still: 'here' })).toEqual({ still: 'here' });
	});

	test('a value of no kind is null', async () => {
		expect(await client.callTool('odd', { what: 'nothing' })).toEqual({ odd: null });
	});

	test('answers 200 calls at once, though it allows 100 streams', async () => {
		const calls = Array.from({ length: 200 }, (_, i) => client.callTool('slow', { ms: 30, i }));
		const answers = await Promise.all(calls);
		expect(answers).toEqual(answers.map(() => ({ slept: 30 })));
	});

	test('a deadline passes for one call, and the connection stays', async () => {
		await expect(client.callTool('slow', { ms: 5_000 }, { timeoutMs: 50 })).rejects.toMatchObject({
			code: 'deadline_exceeded',
		});
		expect(await client.callTool('echo', { ok: true })).toEqual({ ok: true });
	});

	test('takes a request of exactly 16 MiB, and one byte more never leaves', async () => {
		const request = (bytes: number) => ({
			requestId: 'size',
			toolCall: { toolName: 'length', arguments: { text: 'x'.repeat(bytes) } },
		});
		const rest = maxMessageBytes - (encodeRequestFrame(request(maxMessageBytes - 100)).length - 4);
		const fits = maxMessageBytes - 100 + rest;
		expect(encodeRequestFrame(request(fits)).length - 4).toBe(maxMessageBytes);
		expect(await exchange(client, request(fits))).toMatchObject({
			toolCall: { success: true, result: { length: fits } },
		});
		await expect(exchange(client, request(fits + 1))).rejects.toMatchObject({ code: 'message_too_large' });
		expect(await client.callTool('echo', { ok: true })).toEqual({ ok: true });
	});

	test('answers with exactly 16 MiB; one byte more fails that call alone', async () => {
		const request = (bytes: number) => ({
			requestId: 'size',
			toolCall: { toolName: 'blob', arguments: { bytes } },
		});
		const nearly = maxMessageBytes - 100;
		const answer = await exchange(client, request(nearly));
		const fits = nearly + maxMessageBytes - (encodeResponseFrame(answer).length - 4);
		const full = await exchange(client, request(fits));
		expect(encodeResponseFrame(full).length - 4).toBe(maxMessageBytes);
		// The SDK writes nothing then, and closes the stream.
		await expect(exchange(client, request(fits + 1))).rejects.toMatchObject({ code: 'connection_lost' });
		expect(await client.callTool('echo', { ok: true })).toEqual({ ok: true });
	});

	test('serves its prompts', async () => {
		const prompts = (await client.listPrompts()).sort((a, b) => a.name.localeCompare(b.name));
		expect(prompts).toMatchObject([
			{ name: 'broken' },
			{ name: 'hello', description: 'Says hello.', arguments: [] },
			{
				name: 'review',
				arguments: [
					{ name: 'file', description: 'What to review', required: true },
					{ name: 'tone', description: 'How', required: false },
				],
			},
		]);
		expect(await client.getPrompt('hello')).toEqual({
			description: 'Says hello.',
			messages: [{ role: 'user', content: { type: 'text', text: 'hello' } }],
		});
		expect(await client.getPrompt('review', { file: 'a.ts', tone: 'kindly' })).toMatchObject({
			messages: [
				{ role: 'user', content: { text: 'review a.ts, kindly' } },
				{ role: 'assistant', content: { text: 'I am reading.' } },
			],
		});
	});

	test.each([
		['no_such_prompt', 'prompt_not_found', 'prompt "no_such_prompt" not found'],
		['broken', 'handler_error', 'prompt handler error: the Go prompt broke'],
		['review', 'handler_error', 'prompt handler error: file is missing'],
	])('prompt %s fails with %s, which Go can only say as text', async (name, code, message) => {
		await expect(client.getPrompt(name)).rejects.toMatchObject({ name: 'PeerError', code, message });
	});

	test('stores, with versions that are compared', async () => {
		const { storage } = client;
		const content = new Uint8Array([0, 255, 128, 10]);
		expect(await storage.write('a/one.md', content, { metadata: { tags: ['x'], n: 1 } })).toBe(1);
		expect(await storage.write('b.txt', 'text')).toBe(1);
		expect(await storage.read('a/one.md')).toEqual({
			content,
			metadata: { tags: ['x'], n: 1 },
			version: 1,
		});
		await expect(storage.write('a/one.md', 'again')).rejects.toMatchObject({
			code: 'storage_conflict',
			message: 'version conflict at a/one.md: expected 0, is 1',
			details: { expectedVersion: 0, currentVersion: 1 },
		});
		const writers = [1, 2, 3].map((n) => storage.write('a/one.md', `${n}`, { expectedVersion: 1 }));
		const won = (await Promise.allSettled(writers)).filter((result) => result.status === 'fulfilled');
		expect(won).toHaveLength(1);
		expect(await storage.list({ prefix: 'a/', pattern: '*.md' })).toMatchObject([
			{ path: 'a/one.md', size: 1, version: 2, modifiedAt: expect.any(Date) },
		]);
		expect((await storage.list()).map((entry) => entry.path)).toEqual(['a/one.md', 'b.txt']);
		await storage.delete('b.txt');
		await expect(storage.delete('b.txt')).rejects.toMatchObject({ name: 'PeerError' });
		await expect(storage.read('b.txt')).rejects.toMatchObject({ code: 'storage_not_found' });
	});

	test('acknowledges subscriptions, and takes events', async () => {
		await client.subscribe({ id: 'sub-1', topic: 'temperature' });
		await client.unsubscribe('sub-1');
		await client.publish({
			topic: 'temperature',
			eventType: 'measured',
			payload: { level: 'hot', place: 'oven' },
		});
		await client.publish({ topic: 'temperature', eventType: 'measured', payload: { level: 'normal' } });
		await eventually(() => client.callTool('heard')).toEqual({
			events: [
				{
					topic: 'temperature',
					type: 'measured',
					source: '',
					payload: { level: 'hot', place: 'oven' },
				},
			],
		});
	});

	test('does not know describe, and works on', async () => {
		expect(await client.describe()).toBeUndefined();
		expect(await exchange(client, { describe: {} })).toMatchObject({
			toolCall: { errorCode: 'unknown_request' },
		});
		expect(await client.callTool('echo', { ok: true })).toEqual({ ok: true });
	});

	test('stops: OnShutdown once, and nothing is left', async () => {
		const report = await launched.stop();
		expect(report).toMatchObject({ clean: true });
		expect(log.lines.filter((line) => line.includes('ON_SHUTDOWN'))).toEqual(['stderr: ON_SHUTDOWN 1']);
		expect(isGone(launched.pid)).toBe(true);
		await expect(client.callTool('echo')).rejects.toMatchObject({
			code: expect.stringMatching(/^connection_/),
		});
	});
});

describe.skipIf(go.missing)(titled('a Go plugin, launched badly', go), () => {
	test('under another id than its certificate has: refused, and nothing is left', async () => {
		const log = new OutputLog();
		const error = await launch({ id: 'somebody-else', onOutput: log.listener }).catch((reason) => reason);
		expect(error).toMatchObject({ code: 'identity_mismatch' });
		expect(error.message).toContain('go-tools');
		expect(error.message).toContain('somebody-else');
	});

	test('whose OnBoot fails: boot_failed, with its words', async () => {
		await expect(launch({ config: { fail: 'no disk' } })).rejects.toMatchObject({
			code: 'boot_failed',
			message: expect.stringContaining('no disk'),
		});
	});

	test('with a flag that it does not know: start_failed, with its words', async () => {
		await expect(launch({ args: ['--bogus'] })).rejects.toMatchObject({
			code: 'start_failed',
			hint: expect.stringContaining('flag provided but not defined: -bogus'),
		});
	});

	test('with an orchestrator that does not answer: start_failed, within the deadlines', async () => {
		// Port 1: nothing listens there; the Go side gives up its dial after its own handshake timeout.
		await expect(
			launch({ orchestratorAddr: 'nowhere.invalid:1', stepTimeoutMs: 8_000 }),
		).rejects.toMatchObject({
			code: 'start_failed',
			hint: expect.stringContaining('connect to orchestrator'),
		});
	});

	test('asked for TCP, which the Go SDK does not have: start_failed says so', async () => {
		await expect(launch({ carrier: 'tcp' })).rejects.toMatchObject({
			code: 'start_failed',
			message: expect.stringContaining('listens on quic'),
			hint: 'Plugins of the Go SDK speak QUIC only.',
		});
	});

	test('whose shutdown fails: told as not clean', async () => {
		const launched = await launch({ config: { unclean: 'yes' } });
		expect(await launched.stop()).toMatchObject({ clean: false });
	});
});

describe.skipIf(go.missing)(titled('a Go plugin that dies', go), () => {
	test('of a panic: the calls under way reject, with how it ended', async () => {
		const log = new OutputLog();
		await using launched = await launch({ onOutput: log.listener });
		const waiting = launched.client.callTool('slow', { ms: 20_000 });
		const panicked = launched.client.callTool('panic');
		await expect(panicked).rejects.toMatchObject({ code: 'connection_lost' });
		await expect(waiting).rejects.toMatchObject({ code: 'connection_lost', details: { exitCode: 2 } });
		expect(await launched.exited).toEqual({ code: 2, signal: null });
		await log.line(/^panic: the Go tool panicked/);
	});

	test('of SIGKILL: the calls and streams under way reject', async () => {
		await using launched = await launch();
		const waiting = launched.client.callTool('slow', { ms: 20_000 });
		const stream = launched.client.streamTool('endless', { file: join(folder, 'killed') });
		await stream.next();
		const rest = (async () => {
			for await (const _ of stream);
		})();
		process.kill(launched.pid, 'SIGKILL');
		await expect(waiting).rejects.toMatchObject({ code: 'connection_lost' });
		await expect(rest).rejects.toMatchObject({ code: 'connection_lost' });
		expect(await launched.exited).toEqual({ code: null, signal: 'SIGKILL' });
	});
});

/** One exchange with the messages as they are: without a deadline nothing is added to them. */
function exchange(client: PluginClient, request: object): Promise<PluginResponse> {
	return new Promise((resolve, reject) => {
		client.connection.exchange(
			request,
			{ next() {}, done: resolve, fail: reject },
			{ timeoutMs: Number.POSITIVE_INFINITY },
		);
	});
}
