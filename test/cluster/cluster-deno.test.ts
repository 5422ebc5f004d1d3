import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { disposeAfterEach } from '../support/dispose-after-each.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { type NatsServer, natsServerProgram, startNats } from '../support/nats-server.ts';
import { runCli } from '../support/run-cli.ts';
import type { Runtime } from '../support/runtime-command.ts';
import { waitUntil } from '../support/wait-until.ts';
import { expectOneHolderAtATime } from './one-holder.ts';
import {
	ClusterFolder,
	callOf,
	loadOf,
	longLease,
	type NodeOptions,
	type NodePlugin,
	patientLease,
	RunningNode,
	untilAnswered,
} from './running-node.ts';

/** Says where it runs, and writes down each call and each event. */
function listener(id: string): NodePlugin {
	return {
		id,
		body: `	.registerTool('${id}_who', { description: '' }, async ({ n }, ctx) => {
		journal('calls', { n, caller: ctx.callerPlugin });
		return { node, runtime: 'Deno' in globalThis ? 'deno' : 'node', caller: ctx.callerPlugin };
	})
	.registerTool('${id}_tell', { description: '' }, async ({ topic, n }, ctx) => {
		await ctx.publish(topic, { n });
		return {};
	})
	.registerStreamingTool('${id}_count', { description: '' }, async function* ({ to }) {
		for (let n = 0; n < to; n++) yield 'x'.repeat(1000);
	})
	.registerTool('${id}_hang', { description: '' }, async ({ n }) => {
		journal('hang', { n });
		await rest(300_000);
		return {};
	})
	.subscribe('jobs.**', (event) => journal('events', { topic: event.topic, n: event.payload.n, source: event.source }))`,
	};
}

const single: NodePlugin = {
	id: 'single',
	more: 'singleton: true',
	body: `	.registerTool('own', { description: '' }, async ({ n }, ctx) => {
		journal('single', { n, token: ctx.fencingToken });
		return { node, token: ctx.fencingToken };
	})`,
};

/** All combinations take longer than they tell anew: `npm run test:soak` has them. */
const isSoak = process.env.ORCHESTRA_SOAK === '1';

/** Long before a call's own deadline of a minute. */
const atOnceMs = 30_000;

describe.skipIf(natsServerProgram() === undefined)('a cluster on Deno (with nats-server)', () => {
	expectNothingLeftBehind();

	const keep = disposeAfterEach();
	const names = ['alpha', 'beta', 'gamma'];

	async function startServer(): Promise<{ folder: ClusterFolder; server: NatsServer }> {
		const folder = new ClusterFolder();
		keep({ [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() });
		return { folder, server: keep(await startNats({ certsDir: folder.certsDir, users: names })) };
	}

	const start = async (options: Omit<NodeOptions, 'nodes'>) =>
		keep(await RunningNode.start({ nodes: names, ...options }));

	it.each<[Runtime, Runtime, boolean]>([
		['node', 'deno', true],
		...(isSoak
			? ([
					['node', 'deno', false],
					['deno', 'deno', true],
				] as [Runtime, Runtime, boolean][])
			: []),
		['deno', 'deno', false],
	])(
		'one on %s and one on %s (direct: %s): a call each way, a stream, an event each way, and both are seen',
		async (first, second, direct) => {
			const { folder, server } = await startServer();
			const common = {
				folder,
				servers: [server.url],
				cluster: { direct, durable: ['jobs.kept.*'], lease: patientLease },
			};
			const alpha = await start({
				...common,
				node: 'alpha',
				runtime: first,
				plugins: [listener('left')],
			});
			const beta = await start({ ...common, node: 'beta', runtime: second, plugins: [listener('right')] });
			const [atAlpha, atBeta] = [await alpha.client(), await beta.client()];
			expect(await untilAnswered(atAlpha, 'right_who')).toEqual({
				node: 'beta',
				runtime: second,
				caller: 'cli',
			});
			expect(await untilAnswered(atBeta, 'left_who')).toEqual({
				node: 'alpha',
				runtime: first,
				caller: 'cli',
			});
			let bytes = 0;
			for await (const { data } of atAlpha.streamTool('right_count', { to: 500 })) bytes += data.length;
			expect(bytes).toBe(500_000);

			// What is subscribed is known to the server a moment later; what is kept arrives all the same.
			const heard = (node: string, topic: string) =>
				folder.journal('events').some((entry) => entry.node === node && entry.topic === topic);
			for (const [client, tool, to] of [
				[atAlpha, 'left_tell', 'beta'],
				[atBeta, 'right_tell', 'alpha'],
			] as const) {
				const kept = `jobs.kept.${to}`;
				await client.callTool(tool, { topic: kept, n: 1 });
				await expect
					.poll(
						async () => {
							await client.callTool(tool, { topic: `jobs.for.${to}`, n: 2 });
							return heard(to, `jobs.for.${to}`);
						},
						{ timeout: 60_000 },
					)
					.toBe(true);
				await waitUntil(() => heard(to, kept), 60_000);
			}

			const { stdout } = await runCli(['ps', '--cluster', '-a', alpha.address, '--json'], {
				env: { ORCHESTRA_CERTS_DIR: folder.certsDir, ORCHESTRA_CACHE_DIR: join(folder.path, 'cache') },
				runtime: second,
			});
			expect(JSON.parse(stdout)).toMatchObject({
				node: 'alpha',
				connected: true,
				nodes: [
					{ node: 'alpha', state: 'up', isSelf: true, plugins: [{ id: 'left', state: 'running' }] },
					{ node: 'beta', state: 'up', isSelf: false, plugins: [{ id: 'right', state: 'running' }] },
				],
			});
		},
		300_000,
	);

	it.each(isSoak ? [true, false] : [false])(
		'a node on Deno that is killed (direct: %s): calls to it end at once, once, and another serves',
		async (direct) => {
			const { folder, server } = await startServer();
			const common = { folder, servers: [server.url], cluster: { direct, lease: longLease } };
			const alpha = await start({ ...common, node: 'alpha', runtime: 'deno', plugins: [listener('left')] });
			const beta = await start({ ...common, node: 'beta', runtime: 'deno', plugins: [listener('right')] });
			const client = await alpha.client();
			await untilAnswered(client, 'right_who');
			const hanging = callOf(client, 'right_hang', { n: 1 }, 200_000);
			await waitUntil(() => folder.journal('hang').length === 1, 60_000);
			const killedAt = performance.now();
			await beta.kill();
			expect(await hanging).toMatchObject({ code: 'node_lost' });
			expect(performance.now() - killedAt).toBeLessThan(atOnceMs);
			await expect
				.poll(async () => (await callOf(client, 'right_who', { n: 2 })).code, { timeout: 60_000 })
				.toBe('plugin_unavailable');
			await start({ ...common, node: 'gamma', runtime: 'deno', plugins: [listener('right')] });
			expect(await untilAnswered(client, 'right_who')).toMatchObject({ node: 'gamma', runtime: 'deno' });
			expect(folder.journal('hang')).toHaveLength(1);
		},
		300_000,
	);

	it('the server of NATS is killed: local plugins and direct calls go on, and all is well afterwards', async () => {
		const { folder, server } = await startServer();
		const cluster = { lease: patientLease };
		const common = { folder, servers: [server.url], runtime: 'deno' as const, cluster };
		const alpha = await start({ ...common, node: 'alpha', plugins: [listener('left')] });
		await start({ ...common, node: 'beta', plugins: [listener('right')] });
		const gamma = await start({
			...common,
			node: 'gamma',
			plugins: [listener('other')],
			cluster: { ...cluster, direct: false },
		});
		const [client, cut] = [await alpha.client(), await gamma.client()];
		await untilAnswered(client, 'right_who');
		await untilAnswered(cut, 'right_who');
		const loads = [loadOf(client, 'left_who', 1), loadOf(client, 'right_who', 1)];
		await waitUntil(() => loads.every(({ ends }) => ends.length > 50), 60_000);
		await server.kill();
		await expect
			.poll(async () => (await callOf(cut, 'right_who', { n: -1 })).code, { timeout: 60_000 })
			.toBe('cluster_unavailable');
		const before = loads.map(({ ends }) => ends.length);
		await waitUntil(() => loads.every(({ ends }, index) => ends.length > (before[index] ?? 0) + 50), 60_000);
		await server.start();
		expect(await untilAnswered(cut, 'right_who')).toMatchObject({ node: 'beta' });
		for (const load of loads) expect((await load.stop()).filter(({ code }) => code)).toEqual([]);
	}, 300_000);

	it('a singleton moves from Deno to Node and back, with a token that grows', async () => {
		const { folder, server } = await startServer();
		const common = { folder, servers: [server.url], plugins: [single], cluster: { lease: longLease } };
		const alpha = await start({ ...common, node: 'alpha', runtime: 'deno' });
		await untilAnswered(await alpha.client(), 'own');
		const beta = await start({ ...common, node: 'beta' });
		const atBeta = await beta.client();
		expect(await untilAnswered(atBeta, 'own')).toMatchObject({ node: 'alpha' });
		await alpha.kill();
		await expect
			.poll(async () => (await callOf(atBeta, 'own', { n: -1 })).result?.node, { timeout: 60_000 })
			.toBe('beta');
		const again = await start({ ...common, node: 'alpha', runtime: 'deno' });
		const atAlpha = await again.client();
		expect(await untilAnswered(atAlpha, 'own')).toMatchObject({ node: 'beta' });
		await beta.kill();
		await expect
			.poll(async () => (await callOf(atAlpha, 'own', { n: -1 })).result?.node, { timeout: 60_000 })
			.toBe('alpha');
		expectOneHolderAtATime(folder.journal('single'), { first: 'alpha', second: 'beta', lanes: 1 });
	}, 300_000);
});
