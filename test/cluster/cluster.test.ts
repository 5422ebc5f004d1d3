import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTool } from '../../src/cli/find-tool.ts';
import { formatNodes } from '../../src/cli/format-nodes.ts';
import { clusterService } from '../../src/cluster/cluster-service.ts';
import { serveAdministration } from '../../src/runtime/orchestrator/administration/administration.ts';
import { administrationService } from '../../src/runtime/orchestrator/administration/administration-service.ts';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { serviceClient } from '../../src/runtime/services/service-client.ts';
import { type OrchestraError, ToolError } from '../../src/runtime/wire/orchestra-error.ts';
import { natsServerProgram } from '../support/nats-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { TestCluster, type TestNode } from './in-process-node.ts';

/** Each test has real servers and certificates to wait for, on a machine that does much else. */
const timeout = 120_000;

const entries = new Map<string, { content: Uint8Array; version: number }>();

/** A plugin with something of each kind. */
function everything(node: string, id = 'everything') {
	return createPlugin(id)
		.version('1.2.0')
		.providesStorage('memory')
		.registerTool('who', { description: 'Says where it runs.' }, (_args, ctx) => ({
			node,
			caller: ctx.callerPlugin,
		}))
		.registerTool('size', { description: 'Says how long a text is.' }, ({ text }: { text: string }) => ({
			size: text.length,
		}))
		.registerTool('fail', { description: 'Fails.' }, () => {
			throw new ToolError('no_luck', 'not today', { details: { node } });
		})
		.registerTool('wait', { description: 'Waits for its end.' }, async (_args, ctx) => {
			await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve, { once: true }));
			cancelled.push(node);
		})
		.registerStreamingTool('count', { description: 'Counts.' }, async function* ({ to }: { to: number }) {
			for (let n = 0; n < to; n++) yield 'x'.repeat(1000);
		})
		.registerStreamingTool(
			'sum',
			{ description: 'Adds what its caller sends.' },
			async function* (_args, ctx) {
				let bytes = 0;
				for await (const text of ctx.input) bytes += String(text).length;
				yield { bytes };
			},
		)
		.registerPrompt('greeting', { description: 'Greets.' }, () => `hello from ${node}`)
		.setStorageHandler({
			read: ({ path }) => entries.get(path),
			write({ path, content }) {
				const version = (entries.get(path)?.version ?? 0) + 1;
				entries.set(path, { content, version });
				return version;
			},
			delete: ({ path }) => entries.delete(path),
			list: () => [],
		})
		.build();
}

const cancelled: string[] = [];

describe.skipIf(natsServerProgram() === undefined)('a cluster (with nats-server)', () => {
	describe.each([true, false])('with direct connections: %s', (direct) => {
		let cluster: TestCluster;
		let alpha: TestNode;

		beforeAll(async () => {
			cluster = await TestCluster.start(['alpha', 'beta']);
			alpha = await cluster.node('alpha', [], { direct });
			await cluster.node('beta', [everything('beta')], { direct });
			await alpha.has('everything');
		}, timeout);
		afterAll(() => cluster[Symbol.asyncDispose](), timeout);

		it('a tool of another node is called, for whom it is', async () => {
			expect(await alpha.client.callTool('who')).toEqual({ node: 'beta', caller: 'cli' });
			const tools = await alpha.client.listTools();
			expect(tools.find(({ name }) => name === 'who')).toMatchObject({
				plugin: 'everything',
				description: 'Says where it runs.',
			});
		});

		it('its error comes as it is', async () => {
			await expect(alpha.client.callTool('fail')).rejects.toMatchObject({
				code: 'no_luck',
				message: 'not today',
				details: { node: 'beta' },
			});
		});

		it('prompts and storage are there', async () => {
			expect(JSON.stringify(await alpha.client.getPrompt('greeting'))).toContain('hello from beta');
			const options = { storageType: 'memory' };
			expect(await alpha.client.storage.write('a/b', 'hello', options)).toBe(1);
			expect(new TextDecoder().decode((await alpha.client.storage.read('a/b', options)).content)).toBe(
				'hello',
			);
			await alpha.client.storage.delete('a/b', options);
		});

		it('a stream of more than its window comes whole, and in order', async () => {
			let bytes = 0;
			for await (const { data } of alpha.client.streamTool('count', { to: 2000 })) bytes += data.length;
			expect(bytes).toBe(2_000_000);
		});

		it('a stream that is left is left there', async () => {
			const stream = alpha.client.streamTool('count', { to: 1_000_000 });
			await stream.next();
			await stream.return?.();
			await waitUntil(() => alpha.orchestrator.callsUnderWay.length === 0, 30_000);
		});

		it('what a caller sends after its request arrives', async () => {
			async function* input() {
				for (let n = 0; n < 1000; n++) yield 'y'.repeat(1000);
			}
			const answers: unknown[] = [];
			for await (const chunk of alpha.client.streamTool('sum', {}, { input: input() })) {
				answers.push(JSON.parse(new TextDecoder().decode(chunk.data)));
			}
			expect(answers).toEqual([{ bytes: 1_000_000 }]);
		});

		it('a call that is given up is given up there', async () => {
			const before = cancelled.length;
			const call = alpha.client.callTool('wait', {}, { timeoutMs: 300 });
			await expect(call).rejects.toMatchObject({ code: 'deadline_exceeded' });
			await waitUntil(() => cancelled.length === before + 1, 30_000);
		});

		it('a body beyond what NATS takes goes directly, or says why it does not', async () => {
			const call = alpha.client.callTool('size', { text: 'z'.repeat(3_000_000) });
			if (direct) expect(await call).toEqual({ size: 3_000_000 });
			else await expect(call).rejects.toMatchObject({ code: 'message_too_large' });
		});

		it('many calls at once are all answered', async () => {
			const calls = Array.from({ length: 500 }, () => alpha.client.callTool('who'));
			expect(new Set((await Promise.all(calls)).map(({ node }) => node))).toEqual(new Set(['beta']));
		});
	});

	it(
		'local plugins are unharmed while NATS is away, others go on over what stands, and all is well afterwards',
		async () => {
			await using cluster = await TestCluster.start(['alpha', 'beta', 'gamma']);
			const alpha = await cluster.node('alpha', [everything('alpha', 'local')]);
			const beta = await cluster.node('beta', [
				createPlugin('far')
					.registerTool('far', { description: '' }, () => 'far')
					.build(),
			]);
			const gamma = await cluster.node('gamma', [], { direct: false });
			await Promise.all([alpha.has('far'), gamma.has('far')]);
			await alpha.reachDirectly(beta, 'far');
			const waiting = gamma.client
				.callTool('wait', { plugin: 'local' })
				.catch((error: OrchestraError) => error.code);
			await waitUntil(() => alpha.orchestrator.callsUnderWay.length === 1, 30_000);

			await cluster.nats.kill();
			expect(await waiting).toBe('connection_lost');
			expect(await alpha.client.callTool('who')).toMatchObject({ node: 'alpha' });
			expect(await alpha.client.callTool('far')).toEqual({ text: 'far' });
			await expect(gamma.client.callTool('far')).rejects.toMatchObject({
				code: 'cluster_unavailable',
				retryable: true,
			});

			await cluster.nats.start();
			await waitUntil(() => gamma.cluster.nodes.length === 3, 60_000);
			await expect
				.poll(() => gamma.client.callTool('far').catch(() => undefined), { timeout: 60_000 })
				.toEqual({ text: 'far' });

			const said = (words: string) => gamma.log.filter((text) => text.includes(words)).length;
			const [away, back] = ['the connection to NATS', 'node gamma has its place in the cluster'];
			await waitUntil(() => said(back) > 0, 60_000);
			// Each absence is said, and each end of one.
			const before = { away: said(away), back: said(back) };
			await cluster.nats.kill();
			await waitUntil(() => said(away) > before.away, 30_000);
			await cluster.nats.start();
			await waitUntil(() => said(back) > before.back, 60_000);
		},
		timeout,
	);

	it(
		'a plugin of another node is not started and stopped here: the refusal names the node; when it is gone for good it is unavailable',
		async () => {
			await using cluster = await TestCluster.start(['alpha', 'beta']);
			const alpha = await cluster.node('alpha', [everything('alpha')]);
			const beta = await cluster.node('beta');
			await beta.has('everything');
			beta.orchestrator.provide(serveAdministration(beta.orchestrator));
			const administration = serviceClient(administrationService, beta.orchestrator.connect('cli'));
			const status = async () => {
				const { id, state, starts } = (await administration.ps({})).plugins[0] ?? {};
				return { id, state, starts };
			};
			const refused = async (action: 'restart' | 'stop' | 'start') => {
				await expect(administration[action]({ plugin: 'everything' })).rejects.toMatchObject({
					code: 'usage',
					message: 'plugin everything is run by node alpha, and is started and stopped there only',
					hint: expect.stringMatching(
						/^At alpha: orchestra restart everything -a tcp:\/\/127\.0\.0\.1:\d+ .*Nothing was changed/,
					),
					details: { plugin: 'everything', nodes: ['alpha'] },
				});
			};
			for (const action of ['restart', 'stop', 'start'] as const) await refused(action);
			expect(await status()).toEqual({ id: 'everything', state: 'running', starts: 1 });

			await alpha.orchestrator.slot('everything')?.stop();
			await beta.hasLost('everything');
			expect(await status()).toMatchObject({ state: 'unavailable' });
			await refused('start');
			await alpha.orchestrator.slot('everything')?.start();
			await beta.has('everything');
			expect(await status()).toEqual({ id: 'everything', state: 'running', starts: 1 });

			await alpha.stop();
			await beta.hasLost('everything');
			// Its plugin is gone before itself.
			await waitUntil(() => beta.cluster.nodes.length === 1, 30_000);
			expect(await status()).toMatchObject({ state: 'unavailable', starts: 1 });
			await expect(administration.start({ plugin: 'everything' })).rejects.toMatchObject({
				code: 'usage',
				message: expect.stringContaining('no node of the cluster has it now'),
			});
		},
		timeout,
	);

	it(
		'a node that is cut off says so of itself, also one that has never been in',
		async () => {
			await using cluster = await TestCluster.start(['alpha', 'beta', 'gamma']);
			const asked = (node: TestNode) =>
				serviceClient(clusterService, node.orchestrator.connect('cli')).nodes({});
			const alpha = await cluster.node('alpha', [everything('alpha')]);
			const gamma = await cluster.node('gamma');
			await gamma.has('everything');
			await waitUntil(() => alpha.cluster.nodes.length === 2, 30_000);
			const up = { state: 'up', isSelf: true };
			expect((await asked(alpha)).nodes).toMatchObject([{ node: 'alpha', ...up }, { node: 'gamma' }]);
			await cluster.nats.kill();
			await waitUntil(() => !alpha.cluster.connected && !gamma.cluster.connected, 30_000);
			const own = { state: 'cut', isSelf: true, plugins: [{ id: 'everything', state: 'running' }] };
			expect((await asked(alpha)).nodes).toMatchObject([{ node: 'alpha', ...own }, { node: 'gamma' }]);
			const beta = await cluster.node('beta', [everything('beta')]);
			await beta.has('everything');
			await expect
				.poll(async () => (await asked(beta)).nodes, { timeout: 30_000 })
				.toMatchObject([{ node: 'beta', ...own }]);
			expect(formatNodes(await asked(beta))).toMatch(/beta \* +cut .*everything[\s\S]*is cut off/);

			await expect(findTool(beta.client, 'forecast', {})).rejects.toMatchObject({
				code: 'tool_not_found',
				hint: expect.stringMatching(
					/^Node beta is cut off from NATS and may not know the plugins of other nodes/,
				),
			});

			// The plugin of alpha still counts as being there: that it is not started any more is no fault.
			const slot = gamma.orchestrator.slot('everything');
			await gamma.stop();
			expect(slot).toMatchObject({ state: 'stopped', failure: undefined });
			expect(gamma.log.filter((text) => text.includes('cannot be used'))).toEqual([]);
			await cluster.nats.start();
			await expect
				.poll(async () => (await asked(beta)).nodes.find(({ isSelf }) => isSelf)?.state, { timeout: 60_000 })
				.toBe('up');
		},
		timeout,
	);

	it(
		'of several nodes with a plugin each has its part, and one that drains loses no call',
		async () => {
			await using cluster = await TestCluster.start(['alpha', 'beta', 'gamma']);
			const alpha = await cluster.node('alpha');
			const beta = await cluster.node('beta', [everything('beta')]);
			await cluster.node('gamma', [everything('gamma')]);
			await waitUntil(() => alpha.cluster.nodes.length === 3, 30_000);
			await alpha.has('everything');
			await waitUntil(() =>
				alpha.cluster.nodes.every(({ record, plugins }) => record.node === 'alpha' || plugins.length > 0),
			);
			const first = await Promise.all(Array.from({ length: 50 }, () => alpha.client.callTool('who')));
			expect(new Set(first.map(({ node }) => node))).toEqual(new Set(['beta', 'gamma']));

			const turns = [0, 0, 0, 0];
			let stopped = false;
			const lanes = turns.map(async (_, lane) => {
				for (; !stopped; turns[lane] = (turns[lane] ?? 0) + 1) await alpha.client.callTool('who');
			});
			await beta.cluster.drain();
			// A busy machine tells alpha late, and a call of each lane may be at beta even then.
			await waitUntil(() => alpha.cluster.nodes.some(({ record }) => record.state === 'draining'), 30_000);
			const before = [...turns];
			await waitUntil(() => turns.every((count, lane) => count > (before[lane] ?? 0)), 30_000);
			await beta.stop();
			stopped = true;
			await Promise.all(lanes);
			expect((await alpha.client.callTool('who')).node).toBe('gamma');
		},
		timeout,
	);

	it(
		'one node runs a singleton; each call carries its token; another takes it over',
		async () => {
			const billing = (node: string) =>
				createPlugin('billing')
					.registerTool('bill', { description: '' }, (_args, ctx) => ({ node, token: ctx.fencingToken ?? 0 }))
					.build();
			await using cluster = await TestCluster.start(['alpha', 'beta', 'gamma']);
			const placed = (node: string) => ({ plugin: billing(node), replicas: 1, singleton: true });
			const alpha = await cluster.node('alpha', [placed('alpha')]);
			await alpha.has('billing');
			const beta = await cluster.node('beta', [placed('beta')]);
			const gamma = await cluster.node('gamma');
			await Promise.all([beta.has('billing'), gamma.has('billing')]);
			const answers = await Promise.all([alpha, beta, gamma].map(({ client }) => client.callTool('bill')));
			const [{ token }] = answers as [{ token: number }];
			expect(token).toBeGreaterThan(0);
			expect(answers).toEqual(answers.map(() => ({ node: 'alpha', token })));

			await alpha.stop();
			await expect
				.poll(() => gamma.client.callTool('bill').catch(() => undefined), { timeout: 60_000 })
				.toMatchObject({ node: 'beta' });
			expect((await gamma.client.callTool('bill')).token).toBeGreaterThan(token);
		},
		timeout,
	);

	it(
		'two nodes of one name, a certificate without a user, a permission that is missing: each is said',
		async () => {
			await using cluster = await TestCluster.start([
				'alpha',
				{ name: 'beta', permissions: '{ publish: { deny: "orch.v1.*.*.*.*.*.fail.>" }, subscribe: ">" }' },
			]);
			const alpha = await cluster.node('alpha', [everything('alpha')]);
			const twin = await cluster.node('alpha');
			await waitUntil(
				() => twin.log.some((text) => text.includes('a node alpha is in the cluster already')),
				30_000,
			);
			const asked = (node: TestNode) =>
				serviceClient(clusterService, node.orchestrator.connect('cli')).nodes({});
			const twins = await asked(twin);
			expect(twins.outside).toContain('a node alpha is in the cluster already');
			expect(twins.nodes).toMatchObject([{ node: 'alpha', isSelf: false }]);
			expect(formatNodes(twins)).toContain(
				'node alpha has no place in the cluster, and others do not see it',
			);
			expect(await asked(alpha)).toMatchObject({ outside: '', nodes: [{ node: 'alpha', isSelf: true }] });

			const gamma = await cluster.node('gamma', [everything('gamma', 'own')]);
			expect(formatNodes(await asked(gamma))).toMatch(
				/node gamma is cut off .* knows no user for the certificate/,
			);
			expect(gamma.log.join('\n')).toContain('knows no user for the certificate of this node');
			expect(await gamma.client.callTool('who')).toMatchObject({ node: 'gamma' });

			const beta = await cluster.node('beta', [], { direct: false });
			await beta.has('everything');
			expect(await beta.client.callTool('who')).toMatchObject({ node: 'alpha' });
			await expect(beta.client.callTool('fail')).rejects.toMatchObject({ code: 'cluster_refused' });
			await expect
				.poll(() => alpha.cluster.nodes.map(({ record }) => record.node), { timeout: 30_000 })
				.toEqual(['alpha', 'beta']);
		},
		timeout,
	);

	it(
		'events of one node are heard at another, once, and those that are kept after an absence of NATS',
		async () => {
			await using cluster = await TestCluster.start(['alpha', 'beta']);
			const alpha = await cluster.node('alpha', [], { durable: ['kept.**'] });
			const beta = await cluster.node('beta', [], { durable: ['kept.**'] });
			const heard: string[] = [];
			const events = beta.client.events(['jobs.*', 'jobs.**', 'kept.**']);
			const reading = (async () => {
				try {
					for await (const { topic, payload, source } of events)
						heard.push(`${topic} ${payload.n} ${source}`);
				} catch {
					// The node stops.
				}
			})();
			await events.ready();
			await waitUntil(() => beta.cluster.nodes.length === 2, 30_000);
			const publish = (topic: string, n: number) =>
				alpha.client.publish({ topic, eventType: '', payload: { n } });
			// What is subscribed is known to the server a moment later.
			await expect
				.poll(
					async () => {
						await publish('jobs.begin', 0);
						return heard.length;
					},
					{ timeout: 30_000 },
				)
				.toBeGreaterThan(0);
			for (let n = 1; n <= 100; n++) await publish('jobs.done', n);
			const done = () => heard.filter((text) => text.startsWith('jobs.done'));
			await waitUntil(() => done().length >= 100, 30_000);
			expect(done()).toEqual(Array.from({ length: 100 }, (_, n) => `jobs.done ${n + 1} cli`));

			await publish('kept.one', 1);
			await waitUntil(() => heard.includes('kept.one 1 cli'), 30_000);
			await cluster.nats.kill();
			await publish('kept.two', 2);
			await cluster.nats.start();
			await waitUntil(() => heard.includes('kept.two 2 cli'), 60_000);
			expect(heard.filter((text) => text.startsWith('kept'))).toEqual(['kept.one 1 cli', 'kept.two 2 cli']);
			await beta.client.close();
			await reading;
		},
		timeout,
	);
});
