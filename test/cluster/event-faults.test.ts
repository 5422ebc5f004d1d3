import { describe, expect, it } from 'vitest';
import { disposeAfterEach } from '../support/dispose-after-each.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { type NatsServer, natsServerProgram, startNats } from '../support/nats-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import {
	ClusterFolder,
	callOf,
	type NodePlugin,
	patientLease,
	RunningNode,
	untilAnswered,
} from './running-node.ts';

const names = ['alpha', 'beta', 'gamma'];
const cluster = { durable: ['kept.**'], lease: patientLease };

/** Publishes events with numbers, each when it is asked to. */
const speaker: NodePlugin = {
	id: 'speaker',
	body: `	.registerTool('say', { description: '' }, async ({ topic, from, to }, { publish }) => {
		for (let n = from; n < to; n++) await publish(topic, { n });
		return { n: to };
	})`,
};

/** Writes down what it hears. */
function listener(id: string, topic: string, restMs = 0): NodePlugin {
	return {
		id,
		body: `	.subscribe(${JSON.stringify(topic)}, async ({ id, payload, missed }) => {
		journal(${JSON.stringify(id)} + '-' + node, { id, n: payload.n, missed });
		${restMs > 0 ? `await rest(${restMs});` : ''}
	})
	.registerTool(${JSON.stringify(`${id}.there`)} + '-' + node, { description: '' }, async ({ n }) => ({ node, n }))`,
	};
}

describe.skipIf(natsServerProgram() === undefined)(
	'events of a cluster with faults (with nats-server)',
	() => {
		expectNothingLeftBehind();

		const keep = disposeAfterEach();

		async function startServer(): Promise<{ folder: ClusterFolder; server: NatsServer }> {
			const folder = new ClusterFolder();
			keep({ [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() });
			return { folder, server: keep(await startNats({ certsDir: folder.certsDir, users: names })) };
		}

		async function startNode(
			folder: ClusterFolder,
			node: string,
			{ url }: NatsServer,
			plugins: readonly NodePlugin[],
		): Promise<RunningNode> {
			return keep(await RunningNode.start({ node, folder, servers: [url], plugins, cluster, nodes: names }));
		}

		function numbers(folder: ClusterFolder, journal: string): number[] {
			return folder.journal(journal).map(({ n }) => Number(n));
		}

		const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

		it('kept events: each is heard at a node that is killed and started again, doubles by their ids', async () => {
			const { folder, server } = await startServer();
			const alpha = await startNode(folder, 'alpha', server, [speaker]);
			const plugins = [listener('ear', 'kept.things')];
			const beta = await startNode(folder, 'beta', server, plugins);
			const client = await alpha.client();
			await untilAnswered(client, 'ear.there-beta');
			expect(await callOf(client, 'say', { n: 0, topic: 'kept.things', from: 0, to: 200 })).toHaveProperty(
				'result',
			);
			await waitUntil(() => numbers(folder, 'ear-beta').length >= 50, 60_000);
			await beta.kill();
			expect(await callOf(client, 'say', { n: 0, topic: 'kept.things', from: 200, to: 400 })).toHaveProperty(
				'result',
			);
			await startNode(folder, 'beta', server, plugins);
			expect(await callOf(client, 'say', { n: 0, topic: 'kept.things', from: 400, to: 500 })).toHaveProperty(
				'result',
			);
			const missing = () => upTo(500).filter((n) => !numbers(folder, 'ear-beta').includes(n));
			await expect.poll(missing, { timeout: 120_000, interval: 200 }).toEqual([]);
			const ids = new Map<number, Set<unknown>>();
			for (const { n, id } of folder.journal('ear-beta')) {
				ids.set(Number(n), (ids.get(Number(n)) ?? new Set()).add(id));
			}
			expect([...ids].filter(([, { size }]) => size !== 1)).toEqual([]);
		}, 300_000);

		it('kept events: what is published while the server is away is heard when it is back, once and in order', async () => {
			const { folder, server } = await startServer();
			const alpha = await startNode(folder, 'alpha', server, [speaker]);
			await startNode(folder, 'beta', server, [listener('ear', 'kept.things')]);
			const client = await alpha.client();
			await untilAnswered(client, 'ear.there-beta');
			await callOf(client, 'say', { n: 0, topic: 'kept.things', from: 0, to: 50 });
			await waitUntil(() => numbers(folder, 'ear-beta').length === 50, 60_000);
			await server.kill();
			expect(await callOf(client, 'say', { n: 0, topic: 'kept.things', from: 50, to: 100 })).toHaveProperty(
				'result',
			);
			await server.start();
			expect(await callOf(client, 'say', { n: 0, topic: 'kept.things', from: 100, to: 150 })).toHaveProperty(
				'result',
			);
			await waitUntil(() => new Set(numbers(folder, 'ear-beta')).size === 150, 120_000);
			expect(numbers(folder, 'ear-beta')).toEqual(upTo(150));
		}, 300_000);

		it('a subscriber that is slow misses events and is told how many; nobody else does, and its node goes on', async () => {
			const { folder, server } = await startServer();
			const alpha = await startNode(folder, 'alpha', server, [speaker]);
			await startNode(folder, 'beta', server, [listener('slow', 'flood', 1_000)]);
			await startNode(folder, 'gamma', server, [listener('fast', 'flood')]);
			const client = await alpha.client();
			await untilAnswered(client, 'slow.there-beta');
			await untilAnswered(client, 'fast.there-gamma');
			const count = 5_000;
			// As fast as a subscriber that writes each down hears them.
			for (let from = 0; from < count; from += 250) {
				await callOf(client, 'say', { n: 0, topic: 'flood', from, to: from + 250 });
				await waitUntil(() => numbers(folder, 'fast-gamma').length === from + 250, 60_000);
			}
			expect(numbers(folder, 'fast-gamma')).toEqual(upTo(count));
			const heard = numbers(folder, 'slow-beta');
			expect(heard.length).toBeLessThan(count);
			expect(await callOf(client, 'slow.there-beta', { n: 7 })).toMatchObject({
				result: { node: 'beta', n: 7 },
			});
			await waitUntil(() => folder.journal('slow-beta').some(({ missed }) => Number(missed) > 0), 60_000);
		}, 300_000);
	},
);
