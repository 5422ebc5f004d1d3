import assert from 'node:assert/strict';
import type { ExchangeHandler } from '../../../src/runtime/carrier/carrier.ts';
import { PeerError } from '../../../src/runtime/client/peer-error.ts';
import { serviceClient } from '../../../src/runtime/services/service-client.ts';
import { defineService, serverStream, unary } from '../../../src/runtime/services/service-definition.ts';
import { ServiceTable, serveService } from '../../../src/runtime/services/service-server.ts';
import { OrchestraError } from '../../../src/runtime/wire/orchestra-error.ts';
import { onConnection } from '../compliance-case.ts';
import { signalled, within } from '../within.ts';

const counter = defineService('test.counter', 2, {
	add: unary<{ a: number; b: number }, { sum: number; caller: string }>(),
	fail: unary(),
	wait: unary(),
	count: serverStream<{ to: number; size?: number }, { n: number; text?: string }>(),
	forever: serverStream<Record<string, never>, { n: number }>(),
});

/** A peer with the service; what happens inside is told to `seen`. */
function served(seen: {
	waiting: () => void;
	aborted: () => void;
	produced: (n: number) => void;
	ended: () => void;
}): ExchangeHandler {
	const table = new ServiceTable('the test');
	table.add(
		serveService(counter, {
			add: ({ a, b }, { caller }) => ({ sum: a + b, caller }),
			fail() {
				throw new OrchestraError('storage_conflict', 'not now', { details: { version: 3 }, retryable: true });
			},
			wait: (_args, { signal }) =>
				new Promise((_resolve, reject) => {
					signal.addEventListener('abort', () => {
						seen.aborted();
						reject(signal.reason);
					});
					seen.waiting();
				}),
			async *count({ to, size = 0 }) {
				for (let n = 1; n <= to; n++) {
					seen.produced(n);
					yield size > 0 ? { n, text: 'x'.repeat(size) } : { n };
				}
			},
			async *forever() {
				try {
					for (let n = 1; ; n++) {
						yield { n };
						await new Promise((resolve) => setImmediate(resolve));
					}
				} finally {
					seen.ended();
				}
			},
		}),
	);
	return (exchange) => {
		const { serviceCall } = exchange.request;
		assert.ok(serviceCall, 'a service call arrives as one');
		table.handle(exchange, serviceCall);
	};
}

const nothing = { waiting() {}, aborted() {}, produced() {}, ended() {} };

async function refusal(promise: Promise<unknown>): Promise<PeerError> {
	const error = await within(
		promise.then(
			() => assert.fail('the call succeeded'),
			(reason: unknown) => reason,
		),
		'the call ends',
	);
	assert.ok(error instanceof PeerError, String(error));
	return error;
}

/** Methods of typed services, unary and streaming. */
export const serviceCases = [
	onConnection('a unary method answers once, and knows its caller', async (connect, harness) => {
		const { connection } = await connect(served(nothing));
		const { sum, caller } = await serviceClient(counter, connection).add({ a: 19, b: 23 });
		assert.equal(sum, 42);
		if (harness.network) assert.equal(caller, 'tools.client');
	}),

	onConnection(
		'what a method throws arrives with code, details and whether to try again',
		async (connect) => {
			const { connection } = await connect(served(nothing));
			const error = await refusal(serviceClient(counter, connection).fail());
			assert.equal(error.code, 'storage_conflict');
			assert.deepEqual(error.details, { version: 3 });
			assert.equal(error.retryable, true);
		},
	),

	onConnection('a streaming method sends its items in order, then ends', async (connect) => {
		const { connection } = await connect(served(nothing));
		const seen: number[] = [];
		for await (const { n } of serviceClient(counter, connection).count({ to: 500 })) seen.push(n);
		assert.deepEqual(
			seen,
			Array.from({ length: 500 }, (_, i) => i + 1),
		);
	}),

	onConnection('a stream waits for its reader', async (connect, { slackBytes }) => {
		let produced = 0;
		const { connection } = await connect(served({ ...nothing, produced: (n) => (produced = n) }));
		const size = 64 * 1024;
		const to = Math.ceil((slackBytes + 4 * 1024 * 1024) / size) * 2;
		const stream = serviceClient(counter, connection).count({ to, size });
		await stream.next();
		// Far more than the window is never produced for a reader that stands still.
		await new Promise((resolve) => setTimeout(resolve, 100));
		assert.ok(produced < to, `${produced} of ${to} were produced for a reader that took one`);
		let last = 0;
		for await (const { n } of stream) last = n;
		assert.equal(last, to);
	}),

	onConnection('a reader that leaves ends the stream at the peer', async (connect) => {
		const ended = signalled();
		const { connection } = await connect(served({ ...nothing, ended: () => ended.settle() }));
		for await (const { n } of serviceClient(counter, connection).forever()) if (n === 3) break;
		await within(ended.promise, 'the generator ends');
	}),

	onConnection('a caller who gives up reaches the method', async (connect) => {
		const [waiting, aborted] = [signalled(), signalled()];
		const { connection } = await connect(
			served({ ...nothing, waiting: () => waiting.settle(), aborted: () => aborted.settle() }),
		);
		const controller = new AbortController();
		const call = serviceClient(counter, connection).wait({}, { signal: controller.signal });
		const refused = assert.rejects(call, { code: 'cancelled' });
		await within(waiting.promise, 'the method is called');
		controller.abort();
		await refused;
		await within(aborted.promise, 'the method hears of it');
	}),

	onConnection('a deadline ends a method that does not answer', async (connect) => {
		const { connection } = await connect(served(nothing));
		await assert.rejects(serviceClient(counter, connection).wait({}, { timeoutMs: 50 }), {
			code: 'deadline_exceeded',
		});
	}),

	onConnection('a service, version or method that is not there is an error of its own', async (connect) => {
		const { connection } = await connect(served(nothing));
		const other = defineService('test.other', 1, { any: unary() });
		const older = defineService('test.counter', 1, { add: unary() });
		const wider = defineService('test.counter', 2, { subtract: unary(), constructor: serverStream() });
		const code = async (promise: Promise<unknown>) => (await refusal(promise)).code;
		assert.equal(await code(serviceClient(other, connection).any()), 'service_not_found');
		assert.equal(await code(serviceClient(older, connection).add()), 'service_version_mismatch');
		assert.equal(await code(serviceClient(wider, connection).subtract()), 'method_not_found');
		assert.equal(await code(serviceClient(wider, connection).constructor().next()), 'method_not_found');
	}),

	onConnection('a core peer does not know service calls, and the caller learns it', async (connect) => {
		const { connection } = await connect((exchange) =>
			exchange.finish({
				toolCall: { success: false, errorCode: 'unknown_request', errorMessage: 'unknown request type' },
			}),
		);
		const client = serviceClient(counter, connection);
		assert.equal((await refusal(client.add({ a: 1, b: 2 }))).code, 'unknown_request');
		assert.equal((await refusal(client.count({ to: 1 }).next())).code, 'unknown_request');
	}),
];
