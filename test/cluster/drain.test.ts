import { describe, expect, it } from 'vitest';
import { clusterService } from '../../src/cluster/cluster-service.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { serviceClient } from '../../src/runtime/services/service-client.ts';
import { disposeAfterEach } from '../support/dispose-after-each.ts';
import { natsServerProgram } from '../support/nats-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { TestCluster, type TestNode } from './in-process-node.ts';

const timeout = 300_000;

const billing = (node: string) => ({
	plugin: createPlugin('billing')
		.registerTool('bill', { description: '' }, () => ({ node }))
		.build(),
	replicas: 1,
	singleton: true,
});

const stateAt = (node: TestNode, name: string) =>
	node.cluster.nodes.find(({ record }) => record.node === name)?.record.state;

describe.skipIf(natsServerProgram() === undefined)('draining a node (with nats-server)', () => {
	const keep = disposeAfterEach();

	it(
		'while NATS is away it fails, says which node, and changes nothing; afterwards it is done',
		async () => {
			const cluster = keep(await TestCluster.start(['alpha', 'beta']));
			const alpha = await cluster.node('alpha', [billing('alpha')]);
			await alpha.has('billing');
			const beta = await cluster.node('beta', [billing('beta')]);
			await beta.has('billing');
			expect(await beta.client.callTool('bill')).toEqual({ node: 'alpha' });
			await beta.reachDirectly(alpha, 'bill');
			const at = (node: TestNode) => serviceClient(clusterService, node.orchestrator.connect('cli'));

			await cluster.nats.kill();
			await waitUntil(() => !alpha.cluster.connected && !beta.cluster.connected, 30_000);
			// The second asks the first over the connection that stands.
			for (const asked of [alpha, beta]) {
				for (const undo of [false, true]) {
					await expect(at(asked).drain({ node: 'alpha', undo })).rejects.toMatchObject({
						code: 'cluster_unavailable',
						message: expect.stringContaining(`node alpha is not ${undo ? 'put back' : 'drained'}`),
						retryable: true,
						details: { node: 'alpha' },
					});
				}
			}
			await cluster.nats.start();
			await waitUntil(() => alpha.cluster.connected && beta.cluster.connected, 60_000);
			await expect.poll(() => stateAt(beta, 'alpha'), { timeout: 60_000 }).toBe('up');

			// It may still be about to renew its record.
			const drained = () =>
				at(beta)
					.drain({ node: 'alpha' })
					.then(() => 'done')
					.catch(({ code }) => code);
			await expect.poll(drained, { timeout: 60_000 }).toBe('done');
			await waitUntil(() => stateAt(beta, 'alpha') === 'draining', 30_000);
			await expect
				.poll(() => beta.client.callTool('bill').catch(() => undefined), { timeout: 60_000 })
				.toEqual({ node: 'beta' });
			await at(beta).drain({ node: 'alpha', undo: true });
			await waitUntil(() => stateAt(beta, 'alpha') === 'up', 30_000);
		},
		timeout,
	);

	it(
		'a node without a place in the cluster says so',
		async () => {
			const cluster = keep(await TestCluster.start(['alpha']));
			await cluster.node('alpha');
			const twin = await cluster.node('alpha');
			const own = serviceClient(clusterService, twin.orchestrator.connect('cli'));
			await expect(own.drain({ node: 'alpha' })).rejects.toMatchObject({
				code: 'cluster_unavailable',
				message: 'node alpha is not drained: node alpha has no place in its cluster now',
			});
		},
		timeout,
	);
});
