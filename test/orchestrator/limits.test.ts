import { createPlugin } from 'orchestra-toolchain';
import { embedded, Orchestrator } from 'orchestra-toolchain/host';
import { describe, expect, test } from 'vitest';
import type { IncomingExchange } from '../../src/runtime/carrier/incoming-exchange.ts';
import { connectInProcess } from '../../src/runtime/carrier/memory/memory-connection.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { callCycle } from '../../src/runtime/orchestrator/call-cycle.ts';
import { Catalogue } from '../../src/runtime/orchestrator/catalogue.ts';
import type { LogEntry } from '../../src/runtime/plugin/definition/log.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { runAfterEach } from '../support/run-after-each.ts';

expectNothingLeftBehind();

const any = { description: '' };
const afterwards = runAfterEach();

function host(): { orchestrator: Orchestrator; log: LogEntry[] } {
	const log: LogEntry[] = [];
	const orchestrator = new Orchestrator({ onLog: (entry) => log.push(entry) });
	afterwards(() => orchestrator.stop({ graceMs: 0 }));
	return { orchestrator, log };
}

describe('a page of the catalogue', () => {
	const tools = Array.from({ length: 600 }, (_, at) => ({ name: `t${1000 + at}`, plugin: 'p' }));

	test('has 50 tools where nothing is said, and 500 at most', () => {
		const catalogue = new Catalogue(() => tools);
		expect(catalogue.list()).toMatchObject({ total: 600 });
		expect(catalogue.list().tools).toHaveLength(50);
		expect(catalogue.list({ limit: 10_000 }).tools).toHaveLength(500);
	});

	test('has the best hit of a search first', () => {
		const catalogue = new Catalogue(() => [
			{ name: 'a_note', plugin: 'p' },
			{ name: 'note', plugin: 'p' },
			{ name: 'notes', plugin: 'p' },
		]);
		expect(catalogue.search('note').tools.map(({ name }) => name)).toEqual(['note', 'notes', 'a_note']);
	});
});

test('tools call each other 32 deep, and no deeper', () => {
	const via = Array.from({ length: 32 }, () => 't');
	expect(callCycle(via.slice(1), 't')).toBeUndefined();
	expect(callCycle(via, 't')).toMatchObject({ code: 'call_cycle' });
});

test('who has no identity cannot listen', async () => {
	const { orchestrator } = host();
	await expect(orchestrator.listen({ carrier: 'tcp', host: '127.0.0.1', port: 0 })).rejects.toMatchObject({
		code: 'certificate_missing',
	});
});

test('a plugin that was removed leaves no subscription that fails', async () => {
	const { orchestrator, log } = host();
	const heard: unknown[] = [];
	const plugin = createPlugin('p').subscribe('news', ({ payload }) => void heard.push(payload.n));
	await orchestrator.host(embedded(plugin.build()));
	const client = createClient(orchestrator.connect('tester'));
	await client.publish({ topic: 'news', eventType: 'x', payload: { n: 1 } });
	await expect.poll(() => heard).toEqual([1]);
	await orchestrator.remove('p');
	await client.publish({ topic: 'news', eventType: 'x', payload: { n: 2 } });
	await client.health();
	await new Promise((resolve) => setImmediate(resolve));
	expect(heard).toEqual([1]);
	expect(log).toEqual([]);
});

test('who says for whom it asks is believed where it is a front end only', async () => {
	const { orchestrator } = host();
	const sources: unknown[] = [];
	orchestrator.bus
		.subscribe({
			name: 'probe',
			deliver: (events) => void sources.push(...events.map(({ source }) => source)),
		})
		.add('all', '**');
	const plugin = createPlugin('p').registerTool('who', any, (_args, { callerPlugin }) => callerPlugin);
	await orchestrator.host(embedded(plugin.build()));
	for (const [forwards, expected] of [
		[false, 'front'],
		[true, 'alice'],
	] as const) {
		const connection = orchestrator.connect('front', { forwards });
		const client = createClient(connection, { callerPlugin: 'alice' });
		expect(await client.callTool('who')).toEqual({ text: expected });
		await new Promise<void>((resolve, reject) => {
			const sink = { next() {}, done: () => resolve(), fail: reject };
			connection.exchange({ publish: { topic: 'a', eventType: 'x', sourcePlugin: 'alice' } }, sink);
		});
		await client.close();
	}
	await expect.poll(() => sources).toEqual(['front', 'alice']);
});

test('a front end is refused during a stop, though the tool is still there', async () => {
	const { orchestrator } = host();
	let answer: () => void = () => {};
	const plugin = createPlugin('p')
		.registerTool('slow', any, () => new Promise((resolve) => (answer = () => resolve('done'))))
		.registerTool('quick', any, () => 'done');
	await orchestrator.host(embedded(plugin.build()));
	const call = createClient(orchestrator.connect('tester')).callTool('slow');
	const front = createClient(orchestrator.connect('front', { forwards: true }));
	await expect.poll(() => orchestrator.callsUnderWay.length).toBe(1);
	const stopped = orchestrator.stop();
	await expect(front.callTool('quick')).rejects.toMatchObject({ code: 'shutting_down' });
	answer();
	expect(await call).toEqual({ text: 'done' });
	await stopped;
});

test('an observer that was removed sees no more calls', async () => {
	const { orchestrator } = host();
	await orchestrator.host(
		embedded(
			createPlugin('p')
				.registerTool('t', any, () => 1)
				.build(),
		),
	);
	const client = createClient(orchestrator.connect('tester'));
	const seen: IncomingExchange[] = [];
	const end = orchestrator.observeCalls({ arrived: (exchange) => void seen.push(exchange), routed() {} });
	await client.callTool('t');
	expect(seen).toHaveLength(1);
	end();
	await client.callTool('t');
	expect(seen).toHaveLength(1);
});

test('a call that names no provider reaches none where two have the tool', async () => {
	const { orchestrator } = host();
	for (const provider of ['one', 'two']) {
		const plugin = createPlugin(provider)
			.providesAi(provider)
			.registerTool('ask', any, () => provider);
		await orchestrator.host(embedded(plugin.build()));
	}
	const client = createClient(orchestrator.connect('tester'));
	await expect(client.callTool('ask')).rejects.toMatchObject({
		code: 'provider_required',
		hint: 'Say which: --provider one, --provider two.',
	});
	expect(await client.callTool('ask', {}, { provider: 'two' })).toEqual({ text: 'two' });
});

test('nobody is pointed to the tools of a plugin that was removed', async () => {
	const { orchestrator } = host();
	await orchestrator.host(
		embedded(
			createPlugin('p')
				.registerTool('work', any, () => 1)
				.build(),
		),
	);
	const client = createClient(orchestrator.connect('tester'));
	await expect(client.callTool('other')).rejects.toMatchObject({ hint: expect.stringContaining('work') });
	await orchestrator.remove('p');
	await expect(client.callTool('work')).rejects.toMatchObject({
		code: 'tool_not_found',
		hint: expect.not.stringContaining('work'),
	});
});

test('plugins that need each other in a circle are all shut down', async () => {
	const { orchestrator } = host();
	const stopped: string[] = [];
	for (const [id, other] of [
		['a', 'b'],
		['b', 'a'],
	] as const) {
		const plugin = createPlugin(id)
			.needsTools(other)
			.registerTool(id, any, () => id)
			.lifecycle({ onShutdown: () => void stopped.push(id) });
		await orchestrator.host(embedded(plugin.build()));
	}
	await orchestrator.stop();
	expect(stopped.sort()).toEqual(['a', 'b']);
});

test('a plugin that does not keep up is told with the next event how many it missed', async () => {
	const { orchestrator } = host();
	const got: IncomingExchange[] = [];
	const handle = (exchange: IncomingExchange) => void (exchange.request.publish && got.push(exchange));
	let end: () => void = () => {};
	const ended = new Promise<{ reason: 'stopped' }>((resolve) => {
		end = () => resolve({ reason: 'stopped' });
	});
	const connection = connectInProcess(handle, { callerName: 'orchestrator', plugin: 'p' });
	await orchestrator.host({
		label: 'p',
		kind: 'launched',
		start: async () => ({
			id: 'p',
			kind: 'launched',
			manifest: { id: 'p', needsEvents: ['news'] },
			tools: [],
			prompts: [],
			software: '',
			extensions: true,
			handle,
			connection,
			ended,
			underWay: () => [],
			async stop() {
				await connection.close();
				end();
			},
		}),
	});
	const publish = (n: number) =>
		orchestrator.bus.publish({ topic: 'news', eventType: 'x', source: 's', payload: { n } });
	publish(0);
	await expect.poll(() => got.length).toBe(1);
	for (let n = 1; n <= 1024 + 5; n++) publish(n);
	got[0]?.finish({});
	await expect.poll(() => got.length).toBe(2);
	expect(got[0]?.request.publish).not.toHaveProperty('missed');
	expect(got[1]?.request.publish).toMatchObject({ missed: 5, payload: { n: 6 } });
	got[1]?.finish({});
	await expect.poll(() => got.length).toBe(3);
	expect(got[2]?.request.publish).not.toHaveProperty('missed');
	got[2]?.finish({});
});
