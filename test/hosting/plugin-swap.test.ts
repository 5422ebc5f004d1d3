import { createPlugin, type Plugin } from 'orchestra-toolchain';
import { embedded, Orchestrator } from 'orchestra-toolchain/host';
import { describe, expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import { runAfterEach } from '../support/run-after-each.ts';

const afterwards = runAfterEach();

/** An orchestrator with one slot, whose next start takes `next`. */
async function host(first: Plugin) {
	const orchestrator = new Orchestrator();
	const client = createClient(orchestrator.connect('tester'));
	afterwards(async () => {
		await client.close();
		await orchestrator.stop({ graceMs: 0 });
	});
	const work = { next: first };
	const slot = orchestrator.add(embedded(() => Promise.resolve(work.next)));
	await slot.start();
	const swap = (plugin: Plugin) => {
		work.next = plugin;
		return slot.swap();
	};
	return { orchestrator, client, slot, swap };
}

const builder = () => createPlugin('swapped');

describe('a plugin that takes the place of another', () => {
	test('answers from then on, while calls under way end on the one before', async () => {
		let go: () => void = () => {};
		const gate = new Promise<void>((resolve) => {
			go = resolve;
		});
		const stopped: string[] = [];
		const first = builder()
			.registerTool('work', { description: '' }, () => gate.then(() => 'old'))
			.lifecycle({ onShutdown: () => void stopped.push('old') })
			.build();
		const { orchestrator, client, slot, swap } = await host(first);
		const under = client.callTool('work', {});
		await expect.poll(() => orchestrator.callsUnderWay).toHaveLength(1);
		await swap(
			builder()
				.registerTool('work', { description: '' }, () => 'new')
				.build(),
		);
		expect(await client.callTool('work', {})).toEqual({ text: 'new' });
		expect(orchestrator.callsUnderWay).toHaveLength(1);
		expect(stopped).toEqual([]);
		go();
		expect(await under).toEqual({ text: 'old' });
		await expect.poll(() => stopped).toEqual(['old']);
		expect(slot.state).toBe('running');
	});

	test('that does not start leaves it as it was, with its names', async () => {
		const { client, slot, swap } = await host(
			builder()
				.registerTool('work', { description: '' }, () => 'old')
				.build(),
		);
		const broken = builder()
			.registerTool('other', { description: '' }, () => 'new')
			.lifecycle({
				onBoot() {
					throw new Error('no');
				},
			})
			.build();
		await expect(swap(broken)).rejects.toMatchObject({ code: 'boot_failed' });
		await expect(swap(createPlugin('another').build())).rejects.toMatchObject({ code: 'identity_mismatch' });
		expect(await client.callTool('work', {})).toEqual({ text: 'old' });
		await expect(client.callTool('other', {})).rejects.toMatchObject({ code: 'tool_not_found' });
		expect(slot.state).toBe('running');
		expect(slot.leaving).toEqual([]);
	});

	test('may what its own manifest says while it boots, and the one before what its own says until it ends', async () => {
		let go: () => void = () => {};
		const gate = new Promise<void>((resolve) => {
			go = resolve;
		});
		const first = builder()
			.needsTools('left')
			.registerTool('work', { description: '' }, async (_args, { callTool }) => {
				await gate;
				return callTool('left', {});
			})
			.build();
		const { orchestrator, client, swap } = await host(first);
		await orchestrator.embed(
			createPlugin('others')
				.registerTool('left', { description: '' }, () => 'left')
				.registerTool('right', { description: '' }, () => 'right')
				.build(),
		);
		const under = client.callTool('work', {});
		await expect.poll(() => orchestrator.callsUnderWay).toHaveLength(1);
		let booted: unknown;
		await swap(
			builder()
				.needsTools('right')
				.lifecycle({
					async onBoot(_config, { callTool }) {
						booted = await callTool('right', {});
					},
				})
				.registerTool('work', { description: '' }, (_args, { callTool }) => callTool('right', {}))
				.build(),
		);
		expect(booted).toEqual({ text: 'right' });
		expect(await client.callTool('work', {})).toEqual({ text: 'right' });
		go();
		expect(await under).toEqual({ text: 'left' });
	});

	test('hears what the one before had not heard yet, and asks anew for what it wants to hear', async () => {
		const heard: string[] = [];
		const version = (name: string) =>
			builder()
				.subscribe('declared', ({ payload }) => void heard.push(`${name} declared ${payload.n}`))
				.lifecycle({
					async onBoot(_config, ctx) {
						await ctx.subscribe('asked', ({ payload }) => void heard.push(`${name} asked ${payload.n}`));
					},
				})
				.build();
		const { orchestrator, swap } = await host(version('old'));
		const publish = (topic: string, n: number) =>
			orchestrator.bus.publish({ topic, eventType: '', payload: { n }, source: 'tester' });
		publish('asked', 1);
		await expect.poll(() => heard).toEqual(['old asked 1']);
		await swap(version('new'));
		publish('asked', 2);
		publish('declared', 3);
		await expect.poll(() => heard).toEqual(['old asked 1', 'new asked 2', 'new declared 3']);
		const broken = builder()
			.lifecycle({
				async onBoot(_config, ctx) {
					await ctx.subscribe('asked', () => void heard.push('never'));
					throw new Error('no');
				},
			})
			.build();
		await expect(swap(broken)).rejects.toThrow();
		publish('asked', 4);
		await expect.poll(() => heard.slice(3)).toEqual(['new asked 4']);
	});
});
