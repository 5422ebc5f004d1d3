import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { IncomingCalls } from '../../src/cluster/calls/incoming-calls.ts';
import { OutgoingCalls } from '../../src/cluster/calls/outgoing-calls.ts';
import { NatsLink } from '../../src/cluster/nats/nats-link.ts';
import { Subjects } from '../../src/cluster/nats/subjects.ts';
import type { IncomingExchange } from '../../src/runtime/carrier/incoming-exchange.ts';
import { createClient, type PluginClient } from '../../src/runtime/client/plugin-client.ts';
import { identitySource } from '../../src/runtime/identity/sources/identity-source.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { type NatsServer, natsServerProgram, startNats } from '../support/nats-server.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { waitUntil } from '../support/wait-until.ts';

const subjects = new Subjects('orch');

/** Long before the deadline of any of these calls. */
const atOnceMs = 20_000;

describe.skipIf(natsServerProgram() === undefined)(
	'calls through NATS with faults (with nats-server)',
	() => {
		const scratch = scratchFolder('call-faults');
		const certsDir = join(scratch, 'certs');
		let server: NatsServer;
		const closers: (() => Promise<unknown>)[] = [];

		beforeAll(async () => {
			server = await startNats({ certsDir, users: ['alpha', 'beta', 'meddler'] });
		});
		afterAll(async () => {
			await server[Symbol.asyncDispose]();
		});
		expectNothingLeftBehind();
		afterEach(async () => {
			for (const close of closers.splice(0).reverse()) await close();
		});

		/** @param silenceMs after which silence counts as a cut: longer than a busy machine lets a server stand still */
		async function link(node: string, port = server.port, silenceMs = 15_000): Promise<NatsLink> {
			const identity = await ensureIdentity(certsDir, node);
			const made = new NatsLink({
				servers: [`tls://127.0.0.1:${port}`],
				node,
				identity: identitySource(identity),
				silenceMs,
				onProblem: () => {},
			});
			closers.push(() => made.close());
			await made.open();
			return made;
		}

		/** A node that serves: what it is asked it gives to `serve`. */
		async function serving(
			serve: (exchange: IncomingExchange) => void,
			port = server.port,
		): Promise<IncomingCalls> {
			const own = await link('beta', port);
			const calls = new IncomingCalls(own, subjects, 'beta', serve);
			own.subscribe(subjects.callsOf('beta'), (message) => calls.begin(message));
			own.subscribe(subjects.streamsOf('beta'), (message) =>
				calls.heard(message.subject.slice(message.subject.lastIndexOf('.') + 1), message),
			);
			await own.flush();
			return calls;
		}

		/** A client at a node that calls beta. */
		async function calling(
			port = server.port,
			silenceMs?: number,
		): Promise<{ client: PluginClient; calls: OutgoingCalls }> {
			const own = await link('alpha', port, silenceMs);
			const calls = new OutgoingCalls(own, subjects, 'alpha');
			own.subscribe(subjects.streamsOf('alpha'), (message) =>
				calls.heard(message.subject.slice(message.subject.lastIndexOf('.') + 1), message),
			);
			await own.flush();
			const client = createClient(calls.connection({ plugin: '', version: '', node: 'beta' }));
			closers.push(() => client.close());
			return { client, calls };
		}

		/** Sends each first message of an exchange once more, some milliseconds later. @returns what waits until the server has so many copies */
		async function meddling(laterMs: number): Promise<(copies: number) => Promise<void>> {
			const { certificatePem, privateKeyPem, caPem } = await ensureIdentity(certsDir, 'meddler');
			const connection = await connect({
				servers: `127.0.0.1:${server.port}`,
				tls: { cert: certificatePem, key: privateKeyPem, ca: caPem },
				noEcho: true,
			});
			closers.push(() => connection.close());
			let count = 0;
			connection.subscribe(subjects.callsOf('beta'), {
				callback: (error, { subject, data, reply, headers }) => {
					if (error) return;
					const again = () => {
						if (connection.isClosed()) return;
						count++;
						connection.publish(subject, data, { reply: reply ?? '', ...(headers ? { headers } : {}) });
					};
					if (laterMs === 0) again();
					else setTimeout(again, laterMs).unref();
				},
			});
			await connection.flush();
			return async (copies) => {
				await waitUntil(() => count === copies, 30_000);
				await connection.flush();
			};
		}

		it.each([
			['while it is served', 0, 400],
			['after it has ended', 300, 0],
		])(
			'a call that is delivered twice, the second time %s, is done once',
			async (_, laterMs, servedMs) => {
				const served: unknown[] = [];
				await serving((exchange) => {
					served.push(exchange.request.toolCall?.arguments?.n);
					const answer = () => exchange.finish({ toolCall: { success: true, result: { done: true } } });
					if (servedMs === 0) answer();
					else setTimeout(answer, servedMs);
				});
				const copied = await meddling(laterMs);
				const { client } = await calling();
				const ends = await Promise.all(
					Array.from({ length: 20 }, (_each, n) => client.callTool('count', { n }, { timeoutMs: 60_000 })),
				);
				await copied(20);
				// Beta hears it after the copies.
				await client.callTool('count', { n: 'last' }, { timeoutMs: 60_000 });
				expect(ends).toEqual(Array.from({ length: 20 }, () => ({ done: true })));
				expect(served.sort()).toEqual([...Array.from({ length: 20 }, (_each, n) => n), 'last'].sort());
			},
			120_000,
		);

		it('a path that is cut in the middle of a call: it ends long before its deadline, and is not done twice when the path is back', async () => {
			const served: unknown[] = [];
			await serving((exchange) => {
				served.push(exchange.request.toolCall?.arguments?.n);
				if (exchange.request.toolCall?.arguments?.n === 'answered') {
					exchange.finish({ toolCall: { success: true, result: {} } });
				}
			});
			const proxy = await TcpProxy.to(server.port);
			closers.push(() => proxy.close());
			const { client } = await calling(proxy.port, 4_000);
			await client.callTool('count', { n: 'answered' });
			const hanging = client.callTool('count', { n: 'hanging' }, { timeoutMs: 60_000 });
			await waitUntil(() => served.includes('hanging'), 30_000);
			const begin = performance.now();
			proxy.stall('to server');
			proxy.stall('to client');
			const unheard = client.callTool('count', { n: 'unheard' }, { timeoutMs: 60_000 });
			await expect(hanging).rejects.toMatchObject({ code: 'connection_lost' });
			await expect(unheard).rejects.toMatchObject({ code: 'connection_lost' });
			expect(performance.now() - begin).toBeLessThan(atOnceMs);
			await expect(client.callTool('count', { n: 'cut' }, { timeoutMs: 60_000 })).rejects.toMatchObject({
				code: 'cluster_unavailable',
				retryable: true,
			});
			proxy.resume('to server');
			proxy.resume('to client');
			await expect
				.poll(
					() =>
						client.callTool('count', { n: 'answered' }, { timeoutMs: 5_000 }).then(
							() => 'answered',
							() => 'not yet',
						),
					{ timeout: 60_000, interval: 50 },
				)
				.toBe('answered');
			expect(served.filter((n) => n === 'hanging')).toHaveLength(1);
			expect(served.filter((n) => n === 'unheard').length).toBeLessThanOrEqual(1);
			expect(served).not.toContain('cut');
		}, 120_000);

		it('a node that nobody is: said at once', async () => {
			const { client } = await calling();
			const begin = performance.now();
			await expect(client.callTool('count', { n: 1 }, { timeoutMs: 60_000 })).rejects.toMatchObject({
				code: 'node_lost',
				retryable: true,
			});
			expect(performance.now() - begin).toBeLessThan(atOnceMs);
		}, 120_000);

		it('a node that is lost before it has said that it has a call: the call ends long before its deadline', async () => {
			const { certificatePem, privateKeyPem, caPem } = await ensureIdentity(certsDir, 'meddler');
			const connection = await connect({
				servers: `127.0.0.1:${server.port}`,
				tls: { cert: certificatePem, key: privateKeyPem, ca: caPem },
			});
			closers.push(() => connection.close());
			let taken = 0;
			const { subject, queue } = subjects.calls('counter', '1');
			connection.subscribe(subject, { queue, callback: () => void taken++ });
			await connection.flush();
			const { calls } = await calling();
			const target = { plugin: 'counter', version: '1.0.0', node: undefined };
			const client = createClient(calls.connection(target));
			closers.push(() => client.close());
			const begin = performance.now();
			const hanging = client.callTool('count', { n: 1 }, { timeoutMs: 60_000 });
			const fails = expect(hanging).rejects.toMatchObject({ code: 'node_lost' });
			await waitUntil(() => taken === 1, 30_000);
			calls.lost('meddler', new OrchestraError('node_lost', 'node meddler was lost'));
			await fails;
			expect(performance.now() - begin).toBeLessThan(atOnceMs);
		}, 120_000);

		it('a server that is killed in the middle of a call: it ends at once', async () => {
			await using fragile = await startNats({ certsDir, users: ['alpha', 'beta'] });
			const served: IncomingExchange[] = [];
			await serving((exchange) => served.push(exchange), fragile.port);
			const { client } = await calling(fragile.port);
			const hanging = client.callTool('count', { n: 1 }, { timeoutMs: 60_000 });
			const fails = expect(hanging).rejects.toMatchObject({ code: 'connection_lost' });
			await waitUntil(() => served.length === 1, 30_000);
			const begin = performance.now();
			await fragile.kill();
			await fails;
			expect(performance.now() - begin).toBeLessThan(atOnceMs);
			// Its handler is told, too: nobody waits for it.
			await waitUntil(() => served[0]?.cancelled?.code === 'connection_lost', 30_000);
		}, 120_000);
	},
);
