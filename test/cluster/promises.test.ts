import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../src/runtime/carrier/address.ts';
import { identitySource } from '../../src/runtime/identity/sources/identity-source.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { Orchestrator } from '../../src/runtime/orchestrator/orchestrator.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { connectionTransport } from '../../src/runtime/seams/connection-transport.ts';
import { jsonSchema } from '../../src/runtime/seams/json-schema.ts';
import { defineSeam } from '../../src/runtime/seams/seam.ts';
import { seamClient } from '../../src/runtime/seams/seam-client.ts';
import { seamListService } from '../../src/runtime/services/seam-list-service.ts';
import { serviceClient } from '../../src/runtime/services/service-client.ts';
import { disposeAfterEach } from '../support/dispose-after-each.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { natsServerProgram, startNats } from '../support/nats-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { TestCluster, type TestNode } from './in-process-node.ts';
import {
	ClusterFolder,
	callOf,
	longLease,
	type NodePlugin,
	RunningNode,
	untilAnswered,
} from './running-node.ts';

/** Each test has real servers and certificates to wait for, on a machine that does much else. */
const timeout = 120_000;

/** Long before the deadline of a call, and longer than a lease. */
const atOnceMs = 40_000;

const names = ['alpha', 'beta', 'gamma', 'delta'];

function worker(node: string) {
	return createPlugin('worker')
		.registerTool('work', { description: '' }, (_args, { fencingToken = 0 }) => ({
			node,
			token: fencingToken,
		}))
		.build();
}

/** What a node has of a plugin, as another node sees it. */
function seenAt({ cluster }: TestNode, node: string, id: string) {
	const seen = cluster.nodes.find(({ record }) => record.node === node);
	return seen?.plugins.find((plugin) => plugin.id === id);
}

describe.skipIf(natsServerProgram() === undefined)('what a cluster promises (with nats-server)', () => {
	expectNothingLeftBehind();

	const keep = disposeAfterEach(timeout);

	it.each([true, false])(
		'replicas: two of three nodes run it, both have their part without a token (direct: %s)',
		async (direct) => {
			const cluster = keep(await TestCluster.start(names));
			const nodes: TestNode[] = [];
			for (const node of ['alpha', 'beta', 'gamma']) {
				nodes.push(await cluster.node(node, [{ plugin: worker(node), replicas: 2 }], { direct }));
			}
			const delta = await cluster.node('delta', [], { direct });
			await delta.has('worker');
			const states = () =>
				['alpha', 'beta', 'gamma'].map((node) => seenAt(delta, node, 'worker')?.state ?? '').sort();
			await expect.poll(states, { timeout: 60_000 }).toEqual(['running', 'running', 'standby']);
			for (const node of ['alpha', 'beta', 'gamma']) {
				expect(seenAt(delta, node, 'worker')).not.toHaveProperty('token');
			}
			const running = ['alpha', 'beta', 'gamma'].filter(
				(node) => seenAt(delta, node, 'worker')?.state === 'running',
			);
			const answers = await Promise.all(Array.from({ length: 60 }, () => delta.client.callTool('work')));
			expect([...new Set(answers.map(({ node }) => node))].sort()).toEqual(running);
			expect(answers.every(({ token }) => token === 0)).toBe(true);
			// The one that waits takes the place of one that leaves.
			await nodes[names.indexOf(running[0] ?? '')]?.stop();
			await waitUntil(() => seenAt(delta, running[0] ?? '', 'worker') === undefined, 60_000);
			await expect
				.poll(() => states().filter((state) => state === 'running').length, { timeout: 60_000 })
				.toBe(2);
			expect((await delta.client.callTool('work')).node).not.toBe(running[0]);
		},
		timeout,
	);

	it.each([true, false])(
		'a node that is killed in the middle of a call: it ends at once with node_lost, which names it (direct: %s)',
		async (direct) => {
			const folder = new ClusterFolder();
			keep({ [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() });
			const server = keep(await startNats({ certsDir: folder.certsDir, users: names }));
			const hanging: NodePlugin = {
				id: 'hanging',
				body: `	.registerTool('hang', { description: '' }, async ({ n }) => {
		journal('hang', { n });
		if (n >= 0) await rest(300_000);
		return { node, n };
	})`,
			};
			const idle: NodePlugin = { id: 'idle', body: '' };
			const start = async (node: string, plugins: readonly NodePlugin[]) =>
				keep(
					await RunningNode.start({
						node,
						folder,
						servers: [server.url],
						plugins,
						cluster: { direct, lease: longLease },
						nodes: names,
					}),
				);
			const alpha = await start('alpha', [idle]);
			const beta = await start('beta', [hanging]);
			const client = await alpha.client();
			await untilAnswered(client, 'hang');
			const call = client.callTool('hang', { n: 1 }, { timeoutMs: 100_000 });
			const fails = expect(call).rejects.toMatchObject({
				code: 'node_lost',
				retryable: false,
				details: { node: 'beta' },
			});
			await waitUntil(() => folder.journal('hang').some(({ n }) => n === 1), 30_000);
			const begin = performance.now();
			await beta.kill();
			await fails;
			expect(performance.now() - begin).toBeLessThan(atOnceMs);
			// Until its lease has ended it is asked, and nobody hears that; then nobody has the plugin.
			await expect
				.poll(async () => (await callOf(client, 'hang', { n: 2 })).code, { timeout: 60_000 })
				.toBe('plugin_unavailable');
			expect(folder.journal('hang').filter(({ n }) => n === 1)).toHaveLength(1);
		},
		timeout,
	);

	it(
		'another key than the registry says: nothing is sent there, and calls go through NATS',
		async () => {
			const cluster = keep(await TestCluster.start(names));
			// Somebody else of that name, with a key that the node had before.
			const served: string[] = [];
			const stranger = new Orchestrator({
				identity: identitySource(await ensureIdentity(cluster.certsDir, 'beta')),
				nodes: names,
			});
			keep({ [Symbol.asyncDispose]: () => stranger.stop({ graceMs: 0 }) });
			stranger.intercept(({ request }, next) => {
				served.push(Object.keys(request).join());
				next();
			});
			const { address } = await stranger.listen({ carrier: 'tcp', host: '127.0.0.1', port: 0 });
			for (const end of ['crt', 'key']) rmSync(join(cluster.certsDir, `beta.${end}`));
			const advertise = [formatAddress(address)];
			await cluster.node('beta', [worker('beta')], { advertise });
			const alpha = await cluster.node('alpha');
			await alpha.has('worker');
			expect(await alpha.client.callTool('work')).toMatchObject({ node: 'beta' });
			await waitUntil(
				() => alpha.log.some((text) => text.includes('another key than node beta in the registry')),
				30_000,
			);
			expect(served).toEqual([]);
		},
		timeout,
	);

	it(
		'another lease: the node has no part in the cluster, says why, and its own plugins run',
		async () => {
			const cluster = keep(await TestCluster.start(names));
			const alpha = await cluster.node('alpha', [worker('alpha')]);
			const beta = await cluster.node('beta', [worker('beta')], { leaseMs: 5_000 });
			await waitUntil(
				() => beta.log.some((text) => text.includes('and this node has a lease of 5000 ms')),
				30_000,
			);
			expect(await beta.client.callTool('work')).toMatchObject({ node: 'beta' });
			expect(alpha.cluster.nodes.map(({ record }) => record.node)).toEqual(['alpha']);
		},
		timeout,
	);

	it(
		'another version: a node is seen as one that does not fit, nothing of it is used, and that is said',
		async () => {
			const cluster = keep(await TestCluster.start(names));
			const alpha = await cluster.node('alpha');
			const { certificatePem, privateKeyPem, caPem } = await ensureIdentity(cluster.certsDir, 'gamma');
			const connection = await connect({
				servers: `127.0.0.1:${cluster.nats.port}`,
				tls: { cert: certificatePem, key: privateKeyPem, ca: caPem },
			});
			keep({ [Symbol.asyncDispose]: () => connection.close() });
			const buckets = new Kvm(jetstream(connection));
			const instance = 'another';
			const common = { id: 'worker', version: '2.0.0', state: 'running', tools: ['work'] };
			const plugins = [{ ...common, prompts: [], storage: [], providers: [] }];
			await (await buckets.open('orch_v1_plugins')).put(
				'gamma',
				JSON.stringify({ instance, catalogue: 1, plugins }),
			);
			await (await buckets.open('orch_v1_nodes')).put(
				'gamma',
				JSON.stringify({
					node: 'gamma',
					instance,
					protocol: 2,
					software: 'later',
					state: 'up',
					addresses: [],
					fingerprint: '',
					catalogue: 1,
				}),
			);
			await waitUntil(() => alpha.cluster.nodes.length === 2, 30_000);
			expect(alpha.cluster.nodes.find(({ record }) => record.node === 'gamma')).toMatchObject({
				compatible: false,
				plugins: [],
			});
			expect(alpha.log.join('\n')).toContain('gamma');
			await expect(alpha.client.callTool('work')).rejects.toMatchObject({ code: 'tool_not_found' });
		},
		timeout,
	);

	it.each([true, false])(
		'a seam and a service of a plugin of another node (direct: %s)',
		async (direct) => {
			const cluster = keep(await TestCluster.start(names));
			const reading = jsonSchema<{ celsius: number }>({ type: 'object' });
			const thermometer = defineSeam('thermometer', {
				version: 1,
				methods: {
					read: { output: reading },
					watch: { kind: 'server_stream', output: reading },
				},
			});
			const cellar = createPlugin('cellar')
				.provideSeam(thermometer, {
					read: () => ({ celsius: 11 }),
					async *watch() {
						for (let celsius = 0; celsius < 100; celsius++) yield { celsius };
					},
				})
				.build();
			await cluster.node('beta', [cellar], { direct });
			const alpha = await cluster.node('alpha', [], { direct });
			await alpha.has('cellar');
			const list = serviceClient(seamListService, alpha.orchestrator.connect('cli'));
			expect(await list.list({}, { plugin: 'cellar' })).toMatchObject({ seams: [{ name: 'thermometer' }] });
			const plugin = alpha.orchestrator.slot('cellar')?.plugin;
			if (!plugin) throw new Error('it runs');
			const transport = connectionTransport(plugin.connection, 'cellar');
			expect(await transport.offered({ timeoutMs: 30_000 })).toMatchObject([{ name: 'thermometer' }]);
			const client = seamClient(thermometer, transport);
			expect(await client.read()).toEqual({ celsius: 11 });
			let count = 0;
			for await (const { celsius } of client.watch()) expect(celsius).toBe(count++);
			expect(count).toBe(100);
		},
		timeout,
	);
});
