import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isGone } from '../launching/processes.ts';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { runtimeCommand } from '../support/runtime-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { eventually } from './support/eventually.ts';
import { goBinaries, titled } from './support/go-binaries.ts';
import { type GoAsked, type GoLaunched, GoPeer } from './support/go-peer.ts';

const go = await goBinaries();
const folder = scratchFolder('under-go');

const source = fileURLToPath(new URL('support/ours.ts', import.meta.url));
const built = join(folder, 'built', 'ours.kit.mjs');

/** Builds a plugin as an author does. */
async function build(path: string, out: string): Promise<void> {
	const { code, stderr } = await runCli(['build', path, '--out', out, '--no-check']);
	expect(code, stderr).toBe(0);
}

/** The module of `support/ours.ts` as our command line compiles it, for a process of its own. */
async function compiled(): Promise<string> {
	const cache = join(folder, 'cache');
	const { code, stderr } = await runCli(['inspect', source], { env: { ORCHESTRA_CACHE_DIR: cache } });
	expect(code, stderr).toBe(0);
	const module = readdirSync(cache, { recursive: true, encoding: 'utf8' }).find((name) =>
		name.endsWith('.mjs'),
	);
	if (!module) throw new Error(`nothing was compiled into ${cache}`);
	return join(cache, module);
}

beforeAll(async () => {
	if (!go.missing) await build(source, join(folder, 'built'));
});

const processMain = join(projectRoot, 'dist/toolchain/load/module-program.js');
const ways: [string, () => Promise<[string, string[]]>][] = [
	['built, on Node', async () => [process.execPath, [built]]],
	['built, on Deno', async () => runtimeCommand('deno', built)],
	['compiled, in our runner', async () => [process.execPath, [processMain, await compiled()]]],
];

describe.skipIf(go.missing).each(ways)(titled('our plugin under a Go host: %s', go), (_way, commandOf) => {
	let peer: GoPeer;
	let dir = '';
	let server: number;
	let launched: GoLaunched;
	let client: number;

	beforeAll(async () => {
		peer = new GoPeer(go.peer);
		dir = mkdtempSync(join(folder, 'certs-'));
		const orchestrator = await peer.serve('serve', { dir, name: 'orchestrator' });
		server = orchestrator.server;
		const [command, args] = await commandOf();
		launched = await peer.ask('launch', {
			id: 'ours.kit',
			dir,
			command,
			args,
			env: { ORCHESTRA_CACHE_DIR: join(folder, 'cache') },
			orchestrator: orchestrator.address,
			config: { city: 'Oslo' },
		});
		client = launched.client;
	});
	afterAll(() => peer?.[Symbol.asyncDispose]());

	const call = (tool: string, args: object = {}) => peer.call(client, tool, args);
	const start = (toolName: string, args: object = {}) => ({
		requestId: `go-${toolName}`,
		streamStart: { streamId: `s-${toolName}`, toolName, arguments: args },
	});

	test('registers with the Go orchestrator, with its whole manifest, under its client certificate', async () => {
		// It is ready first, and registers then.
		const asked = (): Promise<GoAsked[]> => peer.ask('served', { server });
		await eventually(asked).toMatchObject([
			{
				peer: 'ours.kit-client',
				request: {
					register: {
						id: 'ours.kit',
						version: '2.3.4',
						description: 'A plugin of ours, for a Go host.',
						author: 'Our side',
						providesTools: expect.arrayContaining(['echo', 'count']),
						providesStorage: ['markdown'],
						providesPrompts: ['review', 'broken'],
						providesEvents: ['temperature'],
						needsStorage: ['markdown'],
						needsEvents: ['temperature'],
						needsTools: ['greet'],
						needsAi: ['claude'],
					},
				},
			},
		]);
	});

	test('is registered, booted and listed by the Go host', async () => {
		expect(launched.address).toMatch(/^127\.0\.0\.1:\d+$|^\[::1\]:\d+$/);
		expect(launched.register).toEqual({ requestId: 'go-register', register: { accepted: true } });
		expect(launched.boot).toEqual({ requestId: 'go-boot', boot: { ready: true } });
		const tools = launched.list_tools.listTools?.tools ?? [];
		expect(tools.find((tool) => tool.name === 'add')).toMatchObject({
			description: 'Adds.',
			inputSchema: { type: 'object', properties: { a: { type: 'number' } } },
		});
		expect(tools.map((tool) => tool.name)).toContain('count');
		expect((await call('state')).result?.bootedWith).toEqual({ city: 'Oslo' });
	});

	test('answers calls, with any JSON', async () => {
		const value = {
			n: null,
			t: true,
			f: 1e308,
			i: -7,
			s: 'ünïcödé 🌍',
			l: [1, [], {}],
			o: { a: { b: [null] } },
		};
		expect(await call('echo', value)).toEqual({ success: true, result: value });
		expect(await call('add', { a: 2 })).toEqual({ success: true, result: { sum: 3 } });
		expect(await call('text')).toEqual({ success: true, result: { text: 'ünïcödé' } });
		expect(await call('list')).toEqual({ success: true, result: { data: [1, null, 'x'] } });
	});

	test.each([
		['burnt', {}, 'burnt', 'the dish is burnt'],
		['throws', {}, 'handler_error', 'the oven exploded'],
		['add', { a: 'two' }, 'invalid_arguments', '/a'],
		['no_such_tool', {}, 'tool_not_found', 'no_such_tool'],
		['count', { to: 1 }, 'tool_is_streaming', 'stream'],
	])('answers a failure of %s %j with %s', async (tool, args, errorCode, text) => {
		const answer = await call(tool, args);
		expect(answer).toMatchObject({ errorCode, errorMessage: expect.stringContaining(text) });
		expect(answer.success).toBeUndefined();
	});

	test('answers with 16 MB, and with an error where it would be more', async () => {
		const { result } = await call('blob', { bytes: 16 * 1024 * 1024 - 100 });
		expect(result?.text).toHaveLength(16 * 1024 * 1024 - 100);
		expect(await call('blob', { bytes: 16 * 1024 * 1024 })).toMatchObject({ errorCode: 'message_too_large' });
	});

	test('answers many calls at once', async () => {
		const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => call('echo', { i })));
		expect(answers.map((answer) => answer.result?.i)).toEqual(answers.map((_, i) => i));
	});

	test('streams', async () => {
		const responses = await peer.stream(client, start('count', { to: 3 }));
		expect(responses).toMatchObject([
			...[1, 2, 3].map((n) => ({
				requestId: 'go-count',
				streamChunk: { streamId: 's-count', data: Buffer.from(`${n}\n`).toString('base64') },
			})),
			{ streamEnd: { streamId: 's-count', success: true, totalChunks: '3' } },
		]);
		expect(responses.slice(1, 3).map((response) => response.streamChunk?.sequence)).toEqual(['1', '2']);
		expect(await peer.stream(client, start('count', { to: 0 }))).toMatchObject([
			{ streamEnd: { success: true } },
		]);
	});

	test('ends streams that fail as the Go side does', async () => {
		expect((await peer.stream(client, start('breaks'))).at(-1)).toMatchObject({
			streamEnd: { errorCode: 'broke', errorMessage: 'the stream broke', totalChunks: '1' },
		});
		expect(await peer.stream(client, start('no_such_stream'))).toMatchObject([
			{ streamEnd: { streamId: 's-no_such_stream', errorCode: 'tool_not_found' } },
		]);
		expect(await peer.stream(client, start('count', { to: 'x' }))).toMatchObject([
			{ streamEnd: { errorCode: 'invalid_arguments' } },
		]);
	});

	test('stops a stream that the Go client cancels, as it does: on the same stream', async () => {
		const before = (await call('state')).result?.cancelled as number;
		expect(await peer.stream(client, start('endless'), { cancelAfter: 3 })).toHaveLength(3);
		await eventually(async () => (await call('state')).result?.cancelled).toBe(before + 1);
	});

	test('stops a stream that is cancelled on another stream', async () => {
		let over = false;
		const running = peer.stream(client, start('endless')).finally(() => {
			over = true;
		});
		await eventually(async () => {
			// It may come before the stream; and nobody answers it, which the Go client takes for an error.
			const request = { requestId: 'c', streamCancel: { streamId: 's-endless' } };
			await peer.send(client, request).catch(() => {});
			return over;
		}).toBe(true);
		expect((await running).at(-1)).toMatchObject({ streamEnd: { errorCode: 'cancelled' } });
	});

	test('serves prompts, and says what is wrong in their description', async () => {
		const { listPrompts } = await peer.send(client, { requestId: 'p', listPrompts: {} });
		expect(listPrompts?.prompts).toMatchObject([
			{ name: 'review', arguments: [{ name: 'file', required: true }, { name: 'tone' }] },
			{ name: 'broken' },
		]);
		const get = async (promptName: string, args: object = {}) =>
			(await peer.send(client, { requestId: 'p', promptGet: { promptName, arguments: args } })).promptGet;
		expect(await get('review', { file: 'a.ts' })).toMatchObject({
			description: 'Asks for a review.',
			messages: [{ role: 'user', content: { type: 'text', text: 'review a.ts, kindly' } }],
		});
		for (const [name, text] of [
			['review', '/file'],
			['broken', 'the prompt broke'],
			['none', 'not found'],
		] as const) {
			const answer = await get(name);
			expect(answer?.description).toContain(text);
			expect(answer?.messages).toBeUndefined();
		}
	});

	test('stores', async () => {
		const store = (request: object) => peer.send(client, { requestId: 's', ...request });
		const content = Buffer.from([0, 255, 128]).toString('base64');
		expect(await store({ storageWrite: { path: 'a', content } })).toMatchObject({
			storageWrite: { success: true, newVersion: '1' },
		});
		expect(await store({ storageWrite: { path: 'a', content } })).toMatchObject({
			storageWrite: { error: 'a is at version 1' },
		});
		expect(await store({ storageRead: { path: 'a' } })).toMatchObject({
			storageRead: { content, version: '1' },
		});
		expect(await store({ storageRead: { path: 'b' } })).toMatchObject({ storageRead: {} });
		expect(await store({ storageList: {} })).toMatchObject({
			storageList: {
				entries: [{ path: 'a', size: '3', version: '1', modifiedAt: '1970-01-01T00:00:00Z' }],
			},
		});
		expect(await store({ storageDelete: { path: 'a' } })).toMatchObject({ storageDelete: { success: true } });
		expect((await store({ storageDelete: { path: 'a' } })).storageDelete?.success).toBeUndefined();
	});

	test('hears events as the Go orchestrator sends them', async () => {
		const publish = (payload?: object) =>
			peer.send(client, { requestId: 'e', publish: { topic: 'temperature', eventType: 'm', payload } });
		expect(await publish({ level: 'hot', place: 'oven' })).toEqual({ requestId: 'e' });
		await publish({ level: 'cold' });
		await publish();
		await eventually(async () => (await call('state')).result?.heard).toEqual([
			{ level: 'hot', place: 'oven' },
		]);
		const subscribe = { subscriptionId: 's', topic: 't' };
		expect(await peer.send(client, { requestId: 'e', subscribe })).toMatchObject({
			eventDelivery: subscribe,
		});
		expect(await peer.send(client, { requestId: 'e', unsubscribe: { subscriptionId: 's' } })).toEqual({
			requestId: 'e',
		});
	});

	test('uses tools, storage and events of the Go orchestrator', async () => {
		expect(await call('greet_over_go', { name: 'Ada' })).toEqual({
			success: true,
			result: {
				greeted: 'hello Ada from Go',
				missing: 'tool_not_found',
				first: 1,
				conflict: 'version conflict at kit.md: expected 0, is 1',
				content: 'from ours',
				version: 1,
				absent: 'storage_not_found',
			},
		});
		const asked: GoAsked[] = await peer.ask('served', { server });
		expect(asked.find(({ request }) => request.toolCall)?.request.toolCall).toMatchObject({
			toolName: 'greet',
			callerPlugin: 'ours.kit',
		});
		expect(asked.find(({ request }) => request.publish)?.request.publish).toEqual({
			topic: 'temperature',
			eventType: 'measured',
			payload: { celsius: 20 },
			sourcePlugin: 'ours.kit',
		});
	});

	test('subscribes over the Go orchestrator while it runs, and filters itself', async () => {
		const heard = async () => ((await call('state')).result as { heard: unknown[] }).heard;
		const before = (await heard()).length;
		const { id } = (await call('subscribe_over_go')).result as { id: string };
		const asked = async (): Promise<GoAsked[]> => peer.ask('served', { server });
		expect((await asked()).find(({ request }) => request.subscribe)?.request.subscribe).toEqual({
			subscriptionId: id,
			topic: 'alerts.*',
			filters: { level: 'red' },
		});
		const publish = (topic: string, payload: object) =>
			peer.send(client, { requestId: 'e', publish: { topic, eventType: 'm', payload } });
		await publish('alerts.fire', { level: 'red', n: 1 });
		await publish('alerts.fire', { level: 'green', n: 2 });
		await publish('other', { level: 'red', n: 3 });
		await publish('alerts.flood', { level: 'red', n: 4, last: true });
		await eventually(async () => (await heard()).slice(before)).toEqual([
			{ topic: 'alerts.fire', level: 'red', n: 1 },
			{ topic: 'alerts.flood', level: 'red', n: 4, last: true },
		]);
		await eventually(
			async () => (await asked()).find(({ request }) => request.unsubscribe)?.request,
		).toMatchObject({
			unsubscribe: { subscriptionId: id },
		});
	});

	test('answers what it does not know with unknown_request, and works on', async () => {
		for (const unknownField of [99, 100000]) {
			expect(await peer.send(client, { requestId: 'u' }, { unknownField })).toMatchObject({
				requestId: 'u',
				toolCall: { errorCode: 'unknown_request' },
			});
		}
		expect(await peer.send(client, { requestId: 'h', health: {} })).toEqual({
			requestId: 'h',
			health: { status: 'STATUS_HEALTHY', message: 'ok' },
		});
	});

	test('says that it shut down cleanly, and leaves', async () => {
		const { shutdown, code, output } = await peer.stop(launched.plugin);
		expect(shutdown).toMatchObject({ shutdown: { clean: true } });
		expect(code, output).toBe(0);
		expect(output.match(/ON_BOOT|ON_SHUTDOWN/g)).toEqual(['ON_BOOT', 'ON_SHUTDOWN']);
	});
});

describe.skipIf(go.missing)(titled('our plugin under a Go host that', go), () => {
	async function launch(peer: GoPeer, more: object = {}): Promise<GoLaunched> {
		const dir = mkdtempSync(join(folder, 'certs-'));
		const { address } = await peer.serve('serve', { dir, name: 'orchestrator' });
		const command = { command: process.execPath, args: [built] };
		return peer.ask('launch', { id: 'ours.kit', dir, ...command, orchestrator: address, ...more });
	}

	test('refuses its registration: it ends with the reason', async () => {
		await using peer = new GoPeer(go.peer);
		const dir = mkdtempSync(join(folder, 'certs-'));
		const { address } = await peer.serve('serve', { dir, name: 'orchestrator', reject: 'no more room' });
		const { plugin } = await launch(peer, { dir, orchestrator: address, readyOnly: true });
		const { code, output } = await peer.stop(plugin, { abandon: true });
		expect(output).toContain('no more room');
		expect(code).toBe(4);
	});

	test('does not answer: it ends with the reason', async () => {
		await using peer = new GoPeer(go.peer);
		const { plugin } = await launch(peer, { orchestrator: '127.0.0.1:1', readyOnly: true });
		const { code, output } = await peer.stop(plugin, { abandon: true });
		expect(output).toContain('127.0.0.1:1');
		expect(code).toBe(4);
	});

	test('boots it with what it does not take: not ready, with the reason', async () => {
		await using peer = new GoPeer(go.peer);
		const launched = await launch(peer, { config: { fail: 'no disk' } });
		expect(launched.boot.boot?.ready).toBeUndefined();
		expect(launched.boot.boot?.error).toContain('no disk');
	});

	test('takes it for another plugin: the registration is refused', async () => {
		await using peer = new GoPeer(go.peer);
		const launched = await launch(peer, { id: 'another' });
		expect(launched.register.register?.accepted).toBeUndefined();
		expect(launched.register.register?.rejectReason).toContain('ours.kit');
	});

	test('reads nothing that it prints: it works on', async () => {
		await using peer = new GoPeer(go.peer);
		const { client } = await launch(peer, { deaf: true });
		expect(await peer.call(client, 'chatter')).toMatchObject({ success: true });
		expect(await peer.call(client, 'echo', { ok: true })).toMatchObject({ result: { ok: true } });
	});

	test('has no orchestrator: its calls out fail, and it works', async () => {
		await using peer = new GoPeer(go.peer);
		const { client } = await launch(peer, { orchestrator: '' });
		expect(await peer.call(client, 'greet_over_go', { name: 'x' })).toMatchObject({
			errorMessage: expect.stringContaining('no orchestrator'),
		});
		expect(await peer.call(client, 'text')).toMatchObject({ success: true });
	});

	test('kills it right after its answer: nothing is left', async () => {
		await using peer = new GoPeer(go.peer);
		const { plugin, pid } = await launch(peer);
		expect(await peer.stop(plugin, { kill: true })).toMatchObject({
			shutdown: { shutdown: { clean: true } },
		});
		expect(isGone(pid)).toBe(true);
	});

	test('is killed: it ends by itself', async () => {
		const peer = new GoPeer(go.peer);
		const { pid } = await launch(peer);
		peer.kill();
		await waitUntil(() => isGone(pid));
	});
});

test.skipIf(go.missing)(titled('--manifest prints what a Go plugin prints', go), () => {
	const manifest = (command: string, ...args: string[]) =>
		JSON.parse(execFileSync(command, [...args, '--manifest'], { encoding: 'utf8' }));
	const theirs = manifest(go.plugin);
	const ours = manifest(process.execPath, built);
	expect(Object.keys(ours)).toEqual(Object.keys(theirs));
	for (const [key, value] of Object.entries(ours))
		expect(Array.isArray(value), key).toBe(Array.isArray(theirs[key]));
});

describe.skipIf(go.missing)(titled('our example under a Go host:', go), () => {
	test('weather', async () => {
		await using peer = new GoPeer(go.peer);
		await build('examples/weather', join(folder, 'weather'));
		const launched: GoLaunched = await peer.ask('launch', {
			id: 'weather',
			dir: mkdtempSync(join(folder, 'certs-')),
			command: process.execPath,
			args: [join(folder, 'weather', 'weather.mjs')],
		});
		expect(await peer.call(launched.client, 'forecast', { city: 'Oslo', days: 1 })).toMatchObject({
			result: { city: 'Oslo', forecast: [{ day: 1 }] },
		});
		expect(await peer.call(launched.client, 'forecast', { city: 'Atlantis' })).toMatchObject({
			errorCode: 'city_unknown',
		});
	});

	test('notes', async () => {
		await using peer = new GoPeer(go.peer);
		await build('examples/notes', join(folder, 'notes'));
		const file = join(folder, 'notes.json');
		const launched: GoLaunched = await peer.ask('launch', {
			id: 'notes',
			dir: mkdtempSync(join(folder, 'certs-')),
			command: process.execPath,
			args: [join(folder, 'notes', 'notes.mjs')],
			config: { file },
		});
		expect(await peer.call(launched.client, 'add_line', { path: 'a', text: 'one' })).toMatchObject({
			result: { path: 'a', version: 1 },
		});
		const read = { path: 'a', storageType: 'notes' };
		expect(await peer.send(launched.client, { requestId: 'r', storageRead: read })).toMatchObject({
			storageRead: { content: Buffer.from('one\n').toString('base64'), version: '1' },
		});
	});
});
