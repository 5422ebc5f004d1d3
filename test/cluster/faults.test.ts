import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { disposeAfterEach } from '../support/dispose-after-each.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { type NatsServer, natsServerProgram, startNats } from '../support/nats-server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { waitUntil } from '../support/wait-until.ts';
import { expectOneHolderAtATime } from './one-holder.ts';
import {
	type CallEnd,
	ClusterFolder,
	callOf,
	leaseMs,
	loadOf,
	longLease,
	type NodeOptions,
	type NodePlugin,
	patientLease,
	RunningNode,
	untilAnswered,
} from './running-node.ts';

/** How calls may end besides an answer while a node or the server is lost. */
const lost = new Set([
	'node_lost',
	'connection_lost',
	'connection_closed',
	'plugin_unavailable',
	'cluster_unavailable',
	'unreachable',
	'lease_lost',
	'tool_not_found',
]);

/** Long before a call's own deadline of a minute: whoever waits is told. */
const atOnceMs = 20_000;

/** Writes down each call that it does. */
const counter: NodePlugin = {
	id: 'counter',
	body: `	.registerTool('count', { description: '' }, async ({ n, ms = 0 }) => {
		journal('count', { n });
		if (ms) await rest(ms);
		return { node, n };
	})`,
};

/** One at a time in the whole cluster. */
const single: NodePlugin = {
	id: 'single',
	more: 'singleton: true',
	body: `	.lifecycle({ onBoot: () => journal('single', { boot: true }), onShutdown: () => journal('single', { stop: true }) })
	.registerTool('own', { description: '' }, async ({ n }, ctx) => {
		journal('single', { n, token: ctx.fencingToken });
		return { node, n };
	})`,
};

/** Calls of the singleton that are under way at a time. */
const singleLanes = 4;

const local: NodePlugin = {
	id: 'local',
	body: `	.registerTool('here', { description: '' }, async ({ n }) => ({ node, n }))`,
};

/** Nobody was served twice; who was answered was served. */
function expectAtMostOnce(folder: ClusterFolder, name: string, ends: readonly CallEnd[]): void {
	const served = new Map<number, number>();
	for (const { n } of folder.journal(name)) {
		if (typeof n === 'number') served.set(n, (served.get(n) ?? 0) + 1);
	}
	const twice = [...served].filter(([n, times]) => n >= 0 && times > 1);
	expect(twice).toEqual([]);
	expect(ends.filter(({ n, result }) => result && !served.has(n))).toEqual([]);
}

function codesOf(ends: readonly CallEnd[]): string[] {
	return [...new Set(ends.flatMap(({ code }) => code ?? []))];
}

describe.skipIf(natsServerProgram() === undefined)('a cluster with faults (with nats-server)', () => {
	expectNothingLeftBehind();

	const keep = disposeAfterEach();
	const names = ['alpha', 'beta', 'gamma'];

	async function startServer(): Promise<{ folder: ClusterFolder; server: NatsServer }> {
		const folder = new ClusterFolder();
		keep({ [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() });
		const server = keep(await startNats({ certsDir: folder.certsDir, users: [...names, 'meddler'] }));
		return { folder, server };
	}

	async function startNode(
		folder: ClusterFolder,
		node: string,
		server: string,
		plugins: readonly NodePlugin[],
		more: Partial<NodeOptions> = {},
	): Promise<RunningNode> {
		return keep(await RunningNode.start({ node, folder, servers: [server], plugins, nodes: names, ...more }));
	}

	async function startProxy(server: NatsServer): Promise<TcpProxy> {
		const proxy = await TcpProxy.to(server.port);
		keep({ [Symbol.asyncDispose]: () => proxy.close() });
		return proxy;
	}

	it.each([
		['directly', true],
		['through NATS', false],
	])(
		'a node that is killed: calls %s end at once, nothing is done twice, and another serves',
		async (_, direct) => {
			const { folder, server } = await startServer();
			const cluster = { direct };
			const alpha = await startNode(folder, 'alpha', server.url, [local], { cluster });
			const beta = await startNode(folder, 'beta', server.url, [counter], { cluster });
			const client = await alpha.client();
			await untilAnswered(client, 'count');
			const gamma = await startNode(folder, 'gamma', server.url, [counter], { cluster });
			await expect
				.poll(async () => (await untilAnswered(client, 'count')).node, { timeout: 60_000, interval: 20 })
				.toBe('gamma');
			const load = loadOf(client, 'count');
			// They are under way at the one or at the other until that is killed.
			const slow = Array.from({ length: 8 }, (_, index) =>
				callOf(client, 'count', { n: 1_000_000 + index, ms: 600_000 }, 300_000),
			);
			await waitUntil(
				() =>
					load.ends.length > 100 &&
					folder.journal('count').filter(({ n }) => Number(n) >= 1_000_000).length === 8,
				60_000,
			);
			await beta.kill();
			const killedAt = load.ends.length;
			await waitUntil(
				() => load.ends.filter(({ result }, index) => index > killedAt && result).length > 50,
				60_000,
			);
			const ends = await load.stop();
			await gamma.kill();
			const killed = performance.now();
			const slowEnds = await Promise.all(slow);
			expect(performance.now() - killed).toBeLessThan(atOnceMs);
			expectAtMostOnce(folder, 'count', [...ends, ...slowEnds]);
			for (const code of codesOf([...ends, ...slowEnds])) expect(lost).toContain(code);
			expect(Math.max(...ends.map(({ ms }) => ms))).toBeLessThan(atOnceMs);
			expect(slowEnds.filter(({ code }) => !code)).toEqual([]);
			// Now nobody has it: that is said, and not waited for.
			await expect
				.poll(async () => (await callOf(client, 'count', { n: -1 })).code, { timeout: 60_000, interval: 50 })
				.toBe('plugin_unavailable');
			expect(await callOf(client, 'here', { n: 1 })).toMatchObject({ result: { node: 'alpha', n: 1 } });
		},
		300_000,
	);

	it('a server that is killed: local plugins and direct calls go on, the rest ends at once, and all is back with it', async () => {
		const { folder, server } = await startServer();
		const cluster = { lease: patientLease };
		const alpha = await startNode(folder, 'alpha', server.url, [local], { cluster });
		await startNode(folder, 'beta', server.url, [counter], { cluster });
		const through = await startNode(
			folder,
			'gamma',
			server.url,
			[{ ...local, id: 'other', body: local.body.replace('here', 'there') }],
			{ cluster: { ...cluster, direct: false } },
		);
		const [client, other] = [await alpha.client(), await through.client()];
		await untilAnswered(client, 'count');
		await untilAnswered(other, 'count');
		// The call before may have gone through NATS, until the connection between the nodes was made.
		const [here, there, cut] = [
			loadOf(client, 'here', 2),
			loadOf(client, 'count', 2),
			loadOf(other, 'count', 2),
		];
		await waitUntil(() => there.ends.length > 50 && cut.ends.length > 50, 60_000);
		await server.kill();
		await waitUntil(() => cut.ends.some(({ code }) => code === 'cluster_unavailable'), 60_000);
		const mark = { here: here.ends.length, there: there.ends.length };
		await waitUntil(() => here.ends.length > mark.here + 200 && there.ends.length > mark.there + 200, 60_000);
		await server.start();
		const restarted = cut.ends.length;
		await waitUntil(
			() => cut.ends.filter(({ result }, index) => index > restarted && result).length > 20,
			120_000,
		);
		const ends = { here: await here.stop(), there: await there.stop(), cut: await cut.stop() };
		expect(codesOf(ends.here)).toEqual([]);
		expect(codesOf(ends.there)).toEqual([]);
		for (const code of codesOf(ends.cut)) expect(lost).toContain(code);
		expect(Math.max(...ends.cut.map(({ ms }) => ms))).toBeLessThan(atOnceMs);
		expectAtMostOnce(folder, 'none', []);
	}, 300_000);

	it('a path to the server that is cut: that node’s plugins are noticed as gone, and are back with it', async () => {
		const { folder, server } = await startServer();
		const proxy = await startProxy(server);
		const cluster = { direct: false };
		const alpha = await startNode(folder, 'alpha', server.url, [local], { cluster });
		const beta = await startNode(folder, 'beta', `tls://127.0.0.1:${proxy.port}`, [counter], { cluster });
		const [client, own] = [await alpha.client(), await beta.client()];
		await untilAnswered(client, 'count');
		await untilAnswered(own, 'here');
		const [load, ownLoad] = [loadOf(client, 'count', 4), loadOf(own, 'count', 2)];
		await waitUntil(() => load.ends.length > 20, 60_000);
		proxy.stall('to server');
		proxy.stall('to client');
		await waitUntil(
			() => load.ends.some(({ code }) => code === 'node_lost' || code === 'plugin_unavailable'),
			60_000,
		);
		// What it runs itself it goes on to run.
		const mark = ownLoad.ends.length;
		await waitUntil(() => ownLoad.ends.length > mark + 200, 60_000);
		proxy.resume('to server');
		proxy.resume('to client');
		proxy.reset();
		const back = load.ends.length;
		await waitUntil(
			() => load.ends.filter(({ result }, index) => index > back && result).length > 20,
			120_000,
		);
		const [ends, ownEnds] = [await load.stop(), await ownLoad.stop()];
		expect(codesOf(ownEnds)).toEqual([]);
		for (const code of codesOf(ends)) expect(lost).toContain(code);
		expect(Math.max(...ends.map(({ ms }) => ms))).toBeLessThan(atOnceMs);
	}, 300_000);

	it('a singleton: one at a time, when its node is killed and when it stands still', async () => {
		const { folder, server } = await startServer();
		const nodes = new Map<string, RunningNode>();
		const start = (name: string) =>
			startNode(folder, name, server.url, name === 'gamma' ? [local] : [single]);
		for (const node of await Promise.all(names.map(start))) nodes.set(node.name, node);
		const gamma = nodes.get('gamma') as RunningNode;
		const client = await gamma.client();
		const first = String((await untilAnswered(client, 'own')).node);
		const second = first === 'alpha' ? 'beta' : 'alpha';
		const load = loadOf(client, 'own', singleLanes);
		await waitUntil(() => load.ends.length > 50, 60_000);
		const holder = nodes.get(first) as RunningNode;
		holder.pause();
		const paused = load.ends.length;
		await waitUntil(
			() => load.ends.some(({ result }, index) => index >= paused && result?.node === second),
			120_000,
		);
		folder.note('single', { resumed: true });
		holder.resume();
		// It finds that it has lost it, stops, and would take it again only when the other one is gone.
		await waitUntil(
			() => folder.journal('single').some(({ node, stop }) => node === first && stop === true),
			120_000,
		);
		const after = load.ends.length;
		await waitUntil(() => load.ends.length > after + 50, 60_000);
		await (nodes.get(second) as RunningNode).kill();
		const killed = load.ends.length;
		await waitUntil(
			() => load.ends.some(({ result }, index) => index > killed && result?.node === first),
			120_000,
		);
		const ends = await load.stop();
		expectAtMostOnce(folder, 'single', ends);
		for (const code of codesOf(ends)) expect(lost).toContain(code);
		expectOneHolderAtATime(folder.journal('single'), { first, second, lanes: singleLanes });
	}, 300_000);

	it('a node that stands still: calls to it end by its lease, and go to another', async () => {
		const { folder, server } = await startServer();
		const cluster = { direct: false };
		const [alpha, beta] = await Promise.all([
			startNode(folder, 'alpha', server.url, [local], { cluster }),
			startNode(folder, 'beta', server.url, [counter], { cluster }),
		]);
		const client = await alpha.client();
		await untilAnswered(client, 'count');
		beta.pause();
		const end = await callOf(client, 'count', { n: 1 });
		expect(lost).toContain(end.code);
		expect(end.ms).toBeLessThan(atOnceMs);
		beta.resume();
		await untilAnswered(client, 'count');
		expectAtMostOnce(folder, 'count', []);
	}, 300_000);

	it('a registry that names a node which is gone: calls end at once, or are served by who is there', async () => {
		const { folder, server } = await startServer();
		const cluster = { direct: false };
		const [alpha] = await Promise.all([
			startNode(folder, 'alpha', server.url, [local], { cluster }),
			startNode(folder, 'beta', server.url, [counter], { cluster }),
		]);
		const client = await alpha.client();
		await untilAnswered(client, 'count');
		const { certificatePem, privateKeyPem, caPem } = await folder.identity('meddler');
		const connection = await connect({
			servers: `127.0.0.1:${server.port}`,
			tls: { cert: certificatePem, key: privateKeyPem, ca: caPem },
		});
		keep({ [Symbol.asyncDispose]: () => connection.close() });
		const buckets = new Kvm(jetstream(connection));
		const plugins = await buckets.open('orch_v1_plugins');
		const nodes = await buckets.open('orch_v1_nodes');
		const real = await plugins.get('beta');
		const record = await nodes.get('beta');
		const ghost = { ...record?.json<object>(), node: 'ghost', instance: 'a ghost', addresses: [] };
		await plugins.put('ghost', JSON.stringify({ ...real?.json<object>(), instance: 'a ghost' }));
		await nodes.put('ghost', JSON.stringify(ghost));
		const load = loadOf(client, 'count', 4);
		const endsAt = Date.now() + 2 * leaseMs;
		await waitUntil(() => Date.now() > endsAt && load.ends.length > 100, 60_000);
		// Nobody has renewed its record: in the end nobody is sent there.
		await waitUntil(() => codesOf(load.ends.slice(-50)).length === 0, 60_000);
		const ends = await load.stop();
		for (const code of codesOf(ends)) expect(lost).toContain(code);
		expect(Math.max(...ends.map(({ ms }) => ms))).toBeLessThan(atOnceMs);
		expectAtMostOnce(folder, 'count', ends);
	}, 300_000);

	it('clocks that differ by hours: leases are as long as ever', async () => {
		const { folder, server } = await startServer();
		const skew = folder.journalFile('skew').replace(/jsonl$/, 'mjs');
		folder.note('none', {});
		const { writeFileSync } = await import('node:fs');
		writeFileSync(
			skew,
			`const real = Date.now; const ahead = Number(process.env.TEST_SKEW_MS);
Date.now = () => real() + ahead;
const Real = Date;
globalThis.Date = class extends Real { constructor(...args) { args.length === 0 ? super(real() + ahead) : super(...args); } };\n`,
		);
		const env = (ms: number) => ({ NODE_OPTIONS: `--import=${skew}`, TEST_SKEW_MS: String(ms) });
		// Ahead only: before the certificates were made none of them is valid.
		const cluster = { lease: longLease };
		const alpha = await startNode(folder, 'alpha', server.url, [single], { cluster, env: env(3_600_000) });
		await startNode(folder, 'beta', server.url, [single], { cluster, env: env(7_200_000) });
		const gamma = await startNode(folder, 'gamma', server.url, [local], { cluster });
		const client = await gamma.client();
		const first = String((await untilAnswered(client, 'own')).node);
		const load = loadOf(client, 'own', 2);
		// A lease that one took for over would have been taken by then: each looks every third of one.
		const endsAt = Date.now() + 9_000;
		await waitUntil(() => Date.now() > endsAt, 60_000);
		expect(codesOf(load.ends)).toEqual([]);
		expect(new Set(load.ends.map(({ result }) => result?.node))).toEqual(new Set([first]));
		if (first === 'alpha') {
			await alpha.kill();
			await waitUntil(() => load.ends.some(({ result }) => result?.node === 'beta'), 60_000);
		}
		expectAtMostOnce(folder, 'single', await load.stop());
	}, 300_000);
});
