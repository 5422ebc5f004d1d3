import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorResponse } from '../../src/runtime/carrier/error-response.ts';
import { dial, listen } from '../../src/runtime/carrier/network-carrier.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { embedded } from '../../src/runtime/hosting/embedded-source.ts';
import { launched } from '../../src/runtime/hosting/launched-source.ts';
import type { PluginSource } from '../../src/runtime/hosting/plugin-source.ts';
import { identitySource } from '../../src/runtime/identity/sources/identity-source.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { OrchestratorLink } from '../../src/runtime/plugin/process/orchestrator-link.ts';
import { PluginHosts } from '../../src/runtime/plugin/process/plugin-hosts.ts';
import type { PluginRequest } from '../../src/runtime/wire/generated/messages.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { loadPlugin } from '../../src/toolchain/load/load-plugin.ts';
import { quicWorks } from '../launching/quic-works.ts';
import { serve } from '../plugin/support/serve.ts';
import { runtimeCommand } from '../support/runtime-command.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const program = fileURLToPath(new URL('fixtures/hearing-plugin.mjs', import.meta.url));
const certsDir = scratchFolder('events');

const hasQuic = await quicWorks();
const ways = [
	'embedded',
	'on descriptors',
	'over tcp',
	...(hasQuic ? (['over quic'] as const) : []),
	'over tcp, on Deno',
] as const;

describe.each(ways)('a plugin that subscribes while it runs, %s', (way) => {
	const carrier = way === 'over quic' ? 'quic' : 'tcp';
	let orchestrator: Orchestrator;
	let client: PluginClient;
	const warnings: string[] = [];

	beforeEach(async () => {
		warnings.length = 0;
		orchestrator = new Orchestrator({ onLog: ({ message }) => warnings.push(message) });
		await orchestrator.listen(
			{ carrier, host: '127.0.0.1', port: 0 },
			await ensureIdentity(certsDir, 'orchestrator'),
		);
		client = createClient(orchestrator.connect('test'));
	});
	afterEach(() => orchestrator.stop({ graceMs: 0 }));

	function source(): PluginSource {
		if (way === 'embedded') return embedded(() => loadPlugin(program));
		const [command, args] = runtimeCommand(way === 'over tcp, on Deno' ? 'deno' : 'node', program);
		return launched({
			command: { command, args },
			certsDir,
			carrier: way === 'on descriptors' ? 'fd' : carrier,
			label: 'hearing',
		});
	}

	const publish = (topic: string, n: number, more = {}) =>
		client.publish({ topic, eventType: '', payload: { n, ...more } });
	const heard = async () => (await client.callTool('heard')).heard as [string, string, number, number][];
	const topics = () => orchestrator.subscriptions.find(({ plugin }) => plugin === 'hearing')?.topics;

	test('hears what it asked for, in its boot hook or later, until it asks no more', async () => {
		await orchestrator.host(source());
		expect(topics()).toEqual(['declared', 'boot.*']);
		await publish('late.a', 0);
		await publish('late.a', 1, { kind: 'x' });
		const { id } = await client.callTool('subscribe', { topic: 'late.*', filters: { kind: 'x' }, replay: 5 });
		await client.callTool('subscribe', { topic: 'late.**' });
		await publish('declared', 2);
		await publish('boot.a', 3);
		await publish('boot.a.b', 4);
		await publish('late.b', 5, { kind: 'x' });
		await publish('late.b', 6, { kind: 'y' });
		await publish('other', 7);
		await publish('declared', 8);
		const sorted = async () => (await heard()).map(([where, topic, n]) => `${where} ${topic} ${n}`).sort();
		await expect.poll(sorted).toEqual([
			'boot boot.a 3',
			'declared declared 2',
			'declared declared 8',
			// Of the past only what it asked for, and only where it asked.
			'late.* late.a 1',
			'late.* late.b 5',
			'late.** late.b 5',
			'late.** late.b 6',
		]);
		// A replay is for who asked: the others, which it fits too, do not hear it again.
		await client.callTool('subscribe', { topic: 'late.b', replay: 5 });
		const again = async () => (await heard()).slice(7).map(([where, , n]) => [where, n]);
		await expect.poll(again).toEqual([
			['late.b', 5],
			['late.b', 6],
		]);
		await client.callTool('unsubscribe', { topic: 'late.b' });
		await client.callTool('unsubscribe', { id });
		await client.callTool('unsubscribe', { topic: 'late.**' });
		// Twice is fine, and so is an id that nobody knows.
		await client.callTool('unsubscribe', { topic: 'late.**' });
		await client.callTool('unsubscribe', { id: 'nobody' });
		expect(topics()).toEqual(['declared', 'boot.*']);
		await publish('late.b', 9, { kind: 'x' });
		await publish('declared', 10);
		await expect.poll(async () => (await heard()).at(-1)?.[2]).toBe(10);
		expect((await heard()).some(([, , n]) => n === 9)).toBe(false);
		await expect(client.callTool('subscribe', { topic: 'a*' })).rejects.toMatchObject({
			code: 'handler_error',
			message: expect.stringContaining('a*'),
		});
		expect(warnings.filter((line) => !line.includes('tool subscribe'))).toEqual([]);
	});

	test('is forgotten with what it asked for when it ends, and asks anew when it starts', async () => {
		const slot = orchestrator.add(source());
		await slot.start();
		await client.callTool('subscribe', { topic: 'late' });
		expect(topics()).toEqual(['declared', 'boot.*', 'late']);
		await slot.stop();
		expect(orchestrator.subscriptions).toEqual([]);
		await publish('late', 1);
		await publish('boot.a', 2);
		await slot.start();
		expect(topics()).toEqual(['declared', 'boot.*']);
		await publish('boot.a', 3);
		await expect.poll(heard).toEqual([['boot', 'boot.a', 3, 0]]);
	});
});

test('the link of a plugin subscribes again when its connection was lost', async () => {
	const asked: PluginRequest[] = [];
	const identity = await ensureIdentity(certsDir, 'orchestrator');
	const listener = await listen(
		{ carrier: 'tcp', host: '127.0.0.1', port: 0 },
		{
			identity,
			handler(exchange) {
				const { request } = exchange;
				asked.push(request);
				if (request.register) exchange.finish({ register: { accepted: true } });
				else if (request.subscribe?.topic === 'refused') {
					exchange.finish(errorResponse(request, new OrchestraError('overloaded', 'enough')));
				} else if (request.subscribe) exchange.finish({ eventDelivery: {} });
				else exchange.finish({});
			},
		},
	);
	const proxy = await TcpProxy.to((listener.address as { port: number }).port);
	const link = new OrchestratorLink({
		address: `tcp://127.0.0.1:${proxy.port}`,
		identity: identitySource(await ensureIdentity(certsDir, 'p-client')),
		hosts: new PluginHosts('p', undefined),
		manifest: { id: 'p' },
		log: () => {},
		onLost: () => {},
	});
	try {
		await link.ready();
		const services = link.services();
		await services.subscribe({ id: '1', topic: 'a.*', filters: { k: 'v' }, replay: 3 });
		await services.subscribe({ id: '2', topic: 'b' });
		await expect(services.subscribe({ id: '3', topic: 'refused' })).rejects.toMatchObject({
			code: 'overloaded',
		});
		await services.unsubscribe('2');
		expect(asked.find(({ subscribe }) => subscribe)?.subscribe).toMatchObject({ topic: 'a.*', replay: 3 });
		asked.length = 0;
		proxy.reset();
		// What holds is asked for again, without the past; what was ended or refused is not.
		await expect.poll(() => asked.length).toBe(2);
		expect(asked[0]?.register?.id).toBe('p');
		expect(asked[1]?.subscribe).toMatchObject({ subscriptionId: '1', topic: 'a.*', filters: { k: 'v' } });
		expect(asked[1]?.subscribe?.replay ?? 0).toBe(0);
	} finally {
		await link.close();
		await proxy.close();
		await listener.close();
	}
});

test('what a plugin asks for before its start failed is forgotten', async () => {
	await using orchestrator = new Orchestrator();
	let fail = true;
	const plugin = createPlugin('moody')
		.lifecycle({
			async onBoot(_config, ctx) {
				await ctx.subscribe(fail ? 'first' : 'second', () => {});
				if (fail) throw new Error('not today');
			},
		})
		.build();
	const slot = orchestrator.add(embedded(plugin));
	await expect(slot.start()).rejects.toMatchObject({ code: 'boot_failed' });
	fail = false;
	await slot.start();
	expect(orchestrator.subscriptions).toEqual([{ plugin: 'moody', topics: ['second'], missed: 0 }]);
});

test('who is no plugin here cannot subscribe as one', async () => {
	await using orchestrator = new Orchestrator();
	const listener = await orchestrator.listen(
		{ carrier: 'tcp', host: '127.0.0.1', port: 0 },
		await ensureIdentity(certsDir, 'orchestrator'),
	);
	const identity = await ensureIdentity(certsDir, 'stranger');
	await using client = createClient(await dial(listener.address, { identity }));
	await expect(client.subscribe({ id: '1', topic: 't' })).rejects.toMatchObject({ code: 'routing_error' });
	await expect(client.unsubscribe('1')).rejects.toMatchObject({ code: 'routing_error' });
	// To have registered does not make it one: nobody would ever send it events.
	await client.register({ id: 'stranger' });
	await expect(client.subscribe({ id: '1', topic: 't' })).rejects.toMatchObject({ code: 'routing_error' });
	expect(orchestrator.subscriptions).toEqual([]);
});

describe('a plugin', () => {
	const subscribing = (topic: string, how: unknown = () => {}) =>
		createPlugin('p').registerTool('go', { description: '' }, async (_args, ctx) => {
			await ctx.subscribe(topic, how as () => void);
		});

	test('passes over a replay for a subscription that has ended meanwhile', async () => {
		const heard: unknown[] = [];
		const served = serve(createPlugin('p').subscribe('t', ({ payload }) => heard.push(payload.n)));
		await served.ask({ publish: { topic: 't', payload: { n: 1 }, subscriptionId: 'gone' } });
		await served.ask({ publish: { topic: 't', payload: { n: 2 } } });
		await expect.poll(() => heard.length).toBeGreaterThan(0);
		expect(heard).toEqual([2]);
	});

	test('without an orchestrator cannot hear events', async () => {
		const { client } = serve(subscribing('t'));
		await expect(client.callTool('go')).rejects.toMatchObject({
			message: expect.stringContaining('no orchestrator to hear t from'),
		});
	});

	test('whose subscription is refused has none', async () => {
		const { client, dispatcher } = serve(subscribing('t'), {
			subscribe: () => Promise.reject(new Error('refused')),
		});
		await expect(client.callTool('go')).rejects.toMatchObject({ code: 'handler_error' });
		await client.publish({ topic: 't', eventType: '' });
		expect(dispatcher.droppedEvents).toBe(0);
	});

	test('needs a handler, and a topic', async () => {
		await expect(serve(subscribing('t', {})).client.callTool('go')).rejects.toMatchObject({
			message: expect.stringContaining('has no handler'),
		});
		await expect(serve(subscribing('')).client.callTool('go')).rejects.toMatchObject({
			message: expect.stringContaining('cannot be empty'),
		});
	});
});

test('a plugin that starts has 1,024 subscriptions at most', async () => {
	const orchestrator = new Orchestrator();
	const codes: unknown[] = [];
	const plugin = createPlugin('eager')
		.lifecycle({
			async onBoot(_config, ctx) {
				for (let n = 0; n < 1025; n++) {
					await ctx.subscribe(`topic.${n}`, () => {}).catch((error) => codes.push([n, error.code]));
				}
			},
		})
		.build();
	try {
		await orchestrator.embed(plugin);
		expect(codes).toEqual([[1024, 'overloaded']]);
	} finally {
		await orchestrator.stop({ graceMs: 0 });
	}
});
