import { describe, expect, it } from 'vitest';
import { disposeAfterEach } from '../support/dispose-after-each.ts';
import { natsServerProgram, startNatsCluster } from '../support/nats-server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { waitUntil } from '../support/wait-until.ts';
import {
	ClusterFolder,
	leaseMs,
	loadOf,
	type NodePlugin,
	RunningNode,
	untilAnswered,
} from './running-node.ts';
import { seededRandom } from './simulation/seeded-random.ts';

const seed = Number(process.env.FAULTS_SEED ?? Date.now() % 2 ** 31);

/** How long it is disturbed. */
const durationMs = Number(process.env.FAULTS_MS ?? 180_000);

/** Calls of the singleton that are under way at once. */
const ownLanes = 4;

const counter: NodePlugin = {
	id: 'counter',
	body: `	.registerTool('count', { description: '' }, async ({ n }) => {
		journal('count', { n });
		return { node, n };
	})`,
};

const single: NodePlugin = {
	id: 'single',
	more: 'singleton: true',
	body: `	.registerTool('own', { description: '' }, async ({ n }, ctx) => {
		journal('single', { n, pid: process.pid, token: ctx.fencingToken });
		return { node, n };
	})`,
};

const local: NodePlugin = {
	id: 'local',
	body: `	.registerTool('here', { description: '' }, async ({ n }) => ({ node, n }))`,
};

describe.skipIf(natsServerProgram() === undefined)('three nodes and three servers (with nats-server)', () => {
	const keep = disposeAfterEach();

	it(
		`nothing is done twice and nobody waits, whatever is killed, cut or stopped (seed ${seed})`,
		async () => {
			const random = seededRandom(seed);
			const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
			const folder = new ClusterFolder();
			keep({ [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() });
			const nodes = ['alpha', 'beta', 'gamma', 'caller'];
			const servers = keep(await startNatsCluster({ certsDir: folder.certsDir, users: nodes }));
			const places = new Map<string, { proxy: TcpProxy[]; running: RunningNode }>();
			const start = async (node: string, proxy: readonly TcpProxy[]) =>
				keep(
					await RunningNode.start({
						node,
						folder,
						servers: proxy.map(({ port }) => `tls://127.0.0.1:${port}`),
						plugins: node === 'caller' ? [local] : [counter, single],
						nodes,
						cluster: { copies: 3 },
					}),
				);
			for (const node of nodes) {
				const proxy: TcpProxy[] = [];
				for (const { port } of servers.all) {
					const one = await TcpProxy.to(port);
					keep({ [Symbol.asyncDispose]: () => one.close() });
					proxy.push(one);
				}
				places.set(node, { proxy, running: await start(node, proxy) });
			}
			const client = await (places.get('caller') as { running: RunningNode }).running.client();
			await untilAnswered(client, 'count');
			await untilAnswered(client, 'own');
			const loads = [
				loadOf(client, 'count', 4),
				loadOf(client, 'own', ownLanes),
				loadOf(client, 'here', 1),
			] as const;
			const disturbed = ['alpha', 'beta', 'gamma'];
			const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
			const disturbances: Record<string, () => Promise<void>> = {
				'a node is killed': async () => {
					const node = pick(disturbed);
					const place = places.get(node) as { proxy: TcpProxy[]; running: RunningNode };
					await place.running.kill();
					await rest(random() * 2 * leaseMs);
					place.running = await start(node, place.proxy);
				},
				'a node stands still': async () => {
					const { running } = places.get(pick(disturbed)) as { running: RunningNode };
					running.pause();
					await rest(random() * 3 * leaseMs);
					running.resume();
				},
				'a server is killed': async () => {
					const server = pick(servers.all);
					await server.kill();
					await rest(random() * 2 * leaseMs);
					await server.start();
				},
				'the path of a node is cut': async () => {
					const { proxy } = places.get(pick(nodes)) as { proxy: TcpProxy[] };
					for (const one of proxy) {
						one.stall('to server');
						one.stall('to client');
					}
					await rest(random() * 3 * leaseMs);
					for (const one of proxy) {
						one.resume('to server');
						one.resume('to client');
					}
				},
				'connections are reset': async () => {
					for (const one of places.get(pick(nodes))?.proxy ?? []) one.reset();
				},
			};
			const endsAt = Date.now() + durationMs;
			const happened: string[] = [];
			let due: string[] = [];
			while (Date.now() < endsAt) {
				// Each of them comes as often as the others.
				if (due.length === 0) due = Object.keys(disturbances);
				const name = pick(due);
				due = due.filter((each) => each !== name);
				happened.push(name);
				const answered = loads[0].ends.filter(({ result }) => result).length;
				await disturbances[name]?.();
				// It is whole again before the next.
				await waitUntil(() => loads[0].ends.filter(({ result }) => result).length > answered + 20, 180_000);
				await untilAnswered(client, 'own', { n: -1 }, 180_000);
			}
			const [counts, owns, heres] = await Promise.all(loads.map((load) => load.stop()));
			expect(heres?.filter(({ code }) => code)).toEqual([]);
			for (const [journal, ends] of [
				['count', counts],
				['single', owns],
			] as const) {
				const served = new Map<number, number>();
				for (const { n } of folder.journal(journal)) {
					const number = Number(n);
					if (number >= 0) served.set(number, (served.get(number) ?? 0) + 1);
				}
				expect([...served].filter(([, times]) => times > 1)).toEqual([]);
				expect(ends?.filter(({ n, result }) => result && !served.has(n))).toEqual([]);
				expect(Math.max(...(ends ?? []).map(({ ms }) => ms))).toBeLessThan(30_000);
				const codes = [...new Set(ends?.flatMap(({ code }) => code ?? []))];
				process.stdout.write(
					`${journal}: ${ends?.length} calls, ${ends?.filter(({ result }) => result).length} answered; ${codes}\n`,
				);
			}
			// A singleton serves in one process after another, with a token that grows: behind the first call of a later holder
			// there are only those that had been admitted by the one before.
			const served = folder.journal('single');
			let highest = 0;
			const late = new Map<number, number>();
			for (const { token } of served) {
				const own = Number(token);
				if (own < highest) late.set(own, (late.get(own) ?? 0) + 1);
				highest = Math.max(highest, own);
			}
			const holders = served.map(({ node, pid, token }) => `${node} ${pid} (${token})`);
			const pieces = holders.filter((holder, index) => holder !== holders[index - 1]);
			process.stdout.write(`${happened.length} disturbances: ${happened.join(', ')}\n`);
			process.stdout.write(`single: ${pieces.join(', ')}; late: ${JSON.stringify([...late])}\n`);
			expect([...late].filter(([, calls]) => calls > ownLanes)).toEqual([]);
			expect(highest).toBeGreaterThan(0);
		},
		durationMs + 600_000,
	);
});
