import { describe, expect, it } from 'vitest';
import type { ClusterOptions } from '../../src/cluster/index.ts';
import { nodePermissions } from '../../src/cluster/setup/nats-permissions.ts';
import { nodeNeeds } from '../../src/cluster/setup/node-needs.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import type { Plugin } from '../../src/runtime/plugin/definition/plugin.ts';
import { disposeAfterEach } from '../support/dispose-after-each.ts';
import { freePort } from '../support/free-port.ts';
import { type NatsUser, natsServerProgram } from '../support/nats-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { TestCluster, type TestNode } from './in-process-node.ts';

const timeout = 300_000;

/** A user with what `cluster permissions --manifests` gives a node with these plugins. */
function userOf(node: string, plugins: readonly Plugin[]): NatsUser {
	const { publish, subscribe } = nodePermissions({
		node,
		cluster: 'orch',
		plugins: plugins.map(({ manifest }) => manifest.id ?? ''),
		rules: [],
		needs: nodeNeeds(
			plugins.map(({ manifest }) => ({ manifest, isPlaced: false })),
			[],
		),
	});
	const responses = { max: 1, expires: '10s' };
	return {
		name: node,
		permissions: JSON.stringify({
			publish: { allow: publish },
			subscribe: { allow: subscribe },
			allow_responses: responses,
		}),
	};
}

describe.skipIf(natsServerProgram() === undefined)(
	'rights that follow from manifests (with nats-server)',
	() => {
		const keep = disposeAfterEach();

		const shop = () =>
			createPlugin('shop')
				.needsEvents('orders.*', 'kept.*')
				.providesStorage('memory')
				.registerTool('price', { description: '' }, () => ({ price: 12 }))
				.registerTool('close', { description: '' }, () => ({ closed: true }))
				.setStorageHandler({ read: () => undefined, write: () => 1, delete: () => true, list: () => [] })
				.build();
		const buyer = () =>
			createPlugin('buyer')
				.needsTools('price')
				.providesEvents('orders.*', 'kept.orders')
				.registerTool('buy', { description: '' }, () => ({}))
				.build();

		async function start(
			ofAlpha: Partial<ClusterOptions> = {},
			ofBeta: Partial<ClusterOptions> = {},
		): Promise<{ alpha: TestNode; beta: TestNode }> {
			const cluster = keep(await TestCluster.start([userOf('alpha', [shop()]), userOf('beta', [buyer()])]));
			const settings = { direct: false, durable: ['kept.**'] };
			const alpha = await cluster.node('alpha', [shop()], { ...settings, ...ofAlpha });
			const beta = await cluster.node('beta', [buyer()], { ...settings, ...ofBeta });
			await Promise.all([alpha.has('buyer'), beta.has('shop')]);
			return { alpha, beta };
		}

		it(
			'a node calls what its plugins need; anything else is refused, and the error says which node and what',
			async () => {
				const { alpha, beta } = await start();
				expect(await beta.client.callTool('price')).toEqual({ price: 12 });
				for (const [call, name, from] of [
					[() => beta.client.callTool('close'), 'tool.close', 'beta'],
					[() => beta.client.storage.read('a', { storageType: 'memory' }), 'storage.memory', 'beta'],
					[() => alpha.client.callTool('buy'), 'tool.buy', 'alpha'],
				] as const) {
					await expect(call()).rejects.toMatchObject({
						code: 'cluster_refused',
						message: expect.stringContaining(`NATS does not let node ${from} publish to orch.v1.`),
						details: { node: from, operation: 'publish', subject: expect.stringContaining(name) },
					});
				}
				// What is refused costs nothing else.
				expect(await beta.client.callTool('price')).toEqual({ price: 12 });
				expect(beta.cluster.connected).toBe(true);
			},
			timeout,
		);

		it(
			'where its node does not answer at its address either, both are said',
			async () => {
				const address = `tcp://127.0.0.1:${await freePort()}`;
				const { beta } = await start({ advertise: [address] }, { direct: true });
				expect(await beta.client.callTool('price')).toEqual({ price: 12 });
				await expect(beta.client.callTool('close')).rejects.toMatchObject({
					code: 'cluster_refused',
					message: expect.stringMatching(
						`^node alpha is not reached directly \\(.*${address}.*\\), and NATS does not let node beta publish to orch\\.v1\\.`,
					),
					hint: expect.stringContaining('orchestra ps --cluster'),
				});
			},
			timeout,
		);

		it(
			'events outside are refused and told; kept ones do not hold up those behind them',
			async () => {
				const { alpha, beta } = await start();
				const heard: string[] = [];
				const events = alpha.client.events(['orders.*', 'kept.*', 'secrets.*', 'secrets.**']);
				const reading = (async () => {
					try {
						for await (const { topic } of events) heard.push(topic);
					} catch {
						// The node stops.
					}
				})();
				await events.ready();
				// Hearing a topic is a right too.
				await waitUntil(
					() =>
						alpha.log.some((text) =>
							text.includes('does not let node alpha subscribe to orch.v1.event.*.secrets'),
						),
					30_000,
				);
				const publish = (topic: string) => beta.client.publish({ topic, eventType: '', payload: {} });
				await expect
					.poll(
						async () => {
							await publish('orders.new');
							return heard.includes('orders.new');
						},
						{ timeout: 60_000 },
					)
					.toBe(true);
				await publish('secrets.key');
				await publish('kept.other');
				await publish('kept.orders');
				await waitUntil(() => heard.includes('kept.orders'), 60_000);
				const told = (subject: string) =>
					beta.log.some((text) => text.includes(`NATS does not let node beta publish to orch.v1.${subject}`));
				await waitUntil(() => told('event.beta.secrets.key') && told('durable.beta.kept.other'), 30_000);
				expect(heard.filter((topic) => topic === 'secrets.key' || topic === 'kept.other')).toEqual([]);
				for (const { log } of [alpha, beta]) {
					const refusals = log.filter((text) => text.includes('NATS does not let'));
					expect(refusals.length).toBeGreaterThan(1);
					expect(refusals).toEqual([...new Set(refusals)]);
					expect(refusals[0]).toMatch(/--manifests .*access\.rules/);
				}
				await alpha.client.close();
				await reading;
			},
			timeout,
		);
	},
);
