import { setTimeout } from 'node:timers/promises';
import { createPlugin } from 'orchestra-toolchain';
import { describe, expect, test, vi } from 'vitest';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import type { LogEntry } from '../../src/runtime/plugin/definition/log.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { runAfterEach } from '../support/run-after-each.ts';

expectNothingLeftBehind();

const afterwards = runAfterEach();

function host(): { orchestrator: Orchestrator; client: PluginClient; log: LogEntry[] } {
	const log: LogEntry[] = [];
	const orchestrator = new Orchestrator({ software: 'test/1', onLog: (entry) => log.push(entry) });
	const client = createClient(orchestrator.connect('tester'));
	afterwards(async () => {
		await client.close();
		await orchestrator.stop();
	});
	return { orchestrator, client, log };
}

const plugin = (id: string, tool: string) =>
	createPlugin(id).registerTool(tool, { description: `Of ${id}.` }, () => `${id} answers`);

describe('routing', () => {
	test('goes by the name of the tool, or to the plugin that is asked for', async () => {
		const { orchestrator, client } = host();
		await orchestrator.embed(plugin('one', 'first').build());
		await orchestrator.embed(plugin('two', 'second').build());
		expect(await client.callTool('second')).toEqual({ text: 'two answers' });
		expect(await client.callTool('first', {}, { plugin: 'one' })).toEqual({ text: 'one answers' });
		await expect(client.callTool('first', {}, { plugin: 'two' })).rejects.toMatchObject({
			code: 'tool_not_found',
		});
		await expect(client.callTool('first', {}, { plugin: 'three' })).rejects.toMatchObject({
			code: 'routing_error',
			message: 'there is no plugin three',
		});
	});

	test('an unknown tool is an error that lists the known ones', async () => {
		const { orchestrator, client } = host();
		await orchestrator.embed(plugin('one', 'first').build());
		await expect(client.callTool('nothing')).rejects.toMatchObject({
			code: 'tool_not_found',
			hint: 'There are: first.',
		});
	});

	test.each([
		['tool', () => plugin('two', 'first').build()],
		[
			'prompt',
			() =>
				createPlugin('two')
					.registerPrompt('ask', { description: '' }, () => 'x')
					.build(),
		],
	])('a duplicate %s is refused, and the plugin stopped', async (kind, make) => {
		const { orchestrator, client } = host();
		const one = plugin('one', 'first').registerPrompt('ask', { description: '' }, () => 'x');
		await orchestrator.embed(one.build());
		await expect(orchestrator.embed(make())).rejects.toMatchObject({
			code: `duplicate_${kind}`,
			details: { kind, plugins: ['one', 'two'] },
		});
		expect(orchestrator.plugins.map(({ id }) => id)).toEqual(['one']);
		expect(await client.callTool('first')).toEqual({ text: 'one answers' });
	});

	test('two plugins of one id are refused', async () => {
		const { orchestrator } = host();
		await orchestrator.embed(plugin('one', 'first').build());
		await expect(orchestrator.embed(plugin('one', 'other').build())).rejects.toMatchObject({
			code: 'duplicate_plugin',
		});
	});

	test('a plugin that was removed takes its tools with it', async () => {
		const { orchestrator, client } = host();
		await orchestrator.embed(plugin('one', 'first').build());
		await orchestrator.remove('one');
		await expect(client.callTool('first')).rejects.toMatchObject({ code: 'tool_not_found' });
		await orchestrator.embed(plugin('two', 'first').build());
		expect(await client.callTool('first')).toEqual({ text: 'two answers' });
	});

	test('storage goes by its type; none is a typed error', async () => {
		const { orchestrator, client } = host();
		await expect(client.storage.read('a.md')).rejects.toMatchObject({ code: 'storage_unavailable' });
		const entries = new Map<string, Uint8Array>();
		const store = createPlugin('store')
			.providesStorage('markdown')
			.setStorageHandler({
				read: ({ path }) => ({ content: entries.get(path) ?? new Uint8Array(), metadata: {}, version: 1 }),
				write: ({ path, content }) => {
					entries.set(path, content);
					return 1;
				},
				delete: ({ path }) => entries.delete(path),
				list: () => [],
			});
		await orchestrator.embed(store.build());
		await client.storage.write('a.md', new TextEncoder().encode('hello'));
		expect(new TextDecoder().decode((await client.storage.read('a.md')).content)).toBe('hello');
	});
});

test('lists and describes all plugins', async () => {
	const { orchestrator, client } = host();
	await orchestrator.embed(plugin('one', 'first').build());
	await orchestrator.embed(plugin('two', 'second').build());
	expect((await client.listTools()).map((tool) => [tool.name, tool.plugin])).toEqual([
		['first', 'one'],
		['second', 'two'],
	]);
	expect(await client.describe()).toMatchObject({
		orchestrator: true,
		software: 'test/1',
		plugins: [{ id: 'one' }, { id: 'two' }],
	});
});

test('a peer can neither boot nor stop it', async () => {
	const { orchestrator, client } = host();
	await orchestrator.embed(plugin('one', 'first').build());
	await expect(client.shutdown()).rejects.toMatchObject({ code: 'permission_denied' });
	await expect(client.boot()).rejects.toMatchObject({ code: 'permission_denied' });
	expect(await client.callTool('first')).toEqual({ text: 'one answers' });
});

test('health is that of the worst, and names it', async () => {
	const { orchestrator, client } = host();
	await orchestrator.embed(plugin('fine', 'first').build());
	expect(await client.health()).toMatchObject({ status: 'healthy' });
	await orchestrator.embed(
		plugin('ill', 'second')
			.lifecycle({ onHealth: () => ({ status: 'degraded', message: 'has a cold' }) })
			.build(),
	);
	expect(await client.health()).toMatchObject({ status: 'degraded', message: 'ill: has a cold' });
});

test('health waits five seconds for a plugin that does not answer, and no longer', async () => {
	const { orchestrator, client } = host();
	const { connection } = await orchestrator.embed(plugin('mute', 'first').build());
	const times: (number | undefined)[] = [];
	const exchange = connection.exchange.bind(connection);
	const spy = vi.spyOn(connection, 'exchange').mockImplementation((request, sink, options) => {
		if (request.health) times.push(options?.timeoutMs);
		return exchange(request, sink, options);
	});
	await client.health();
	spy.mockRestore();
	expect(times).toEqual([5_000]);
});

test('events reach the plugins that need their topic, in order, and nobody else', async () => {
	const { orchestrator, client } = host();
	const heard: string[] = [];
	let done: () => void = () => {};
	const all = new Promise<void>((resolve) => {
		done = resolve;
	});
	await orchestrator.embed(
		createPlugin('listener')
			.subscribe('news', async ({ payload }) => {
				heard.push(String(payload?.n));
				if (payload?.n === 20) done();
			})
			.build(),
	);
	await orchestrator.embed(
		createPlugin('deaf')
			.subscribe('other', () => {
				heard.push('wrong');
			})
			.build(),
	);
	for (let n = 1; n <= 20; n++)
		await client.publish({ topic: 'news', eventType: 'numbered', payload: { n } });
	await all;
	expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => String(i + 1)));
});

test('stop lets calls under way end, shuts plugins down before those that they need, and refuses new calls', async () => {
	const { orchestrator, client } = host();
	const order: string[] = [];
	let release: () => void = () => {};
	const gate = new Promise<void>((resolve) => {
		release = resolve;
	});
	await orchestrator.embed(
		createPlugin('one')
			.registerTool('slow', { description: '' }, async () => {
				await gate;
				return 'done';
			})
			.providesStorage('markdown')
			.setStorageHandler({ read: () => undefined, write: () => 1, delete: () => true, list: () => [] })
			.lifecycle({ onShutdown: () => void order.push('one') })
			.build(),
	);
	await orchestrator.embed(
		plugin('two', 'second')
			.needsStorage('markdown')
			.lifecycle({ onShutdown: () => setTimeout(5).then(() => void order.push('two')) })
			.build(),
	);
	const call = client.callTool('slow');
	await Promise.resolve();
	const stopped = orchestrator.stop();
	await expect(client.callTool('second')).rejects.toMatchObject({ code: 'shutting_down', retryable: true });
	release();
	expect(await call).toEqual({ text: 'done' });
	await stopped;
	expect(order).toEqual(['two', 'one']);
});
