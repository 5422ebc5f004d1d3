import assert from 'node:assert/strict';
import type { Connection } from '../../../src/runtime/carrier/carrier.ts';
import type { PluginRequest } from '../../../src/runtime/wire/generated/messages.ts';
import type { OrchestraError } from '../../../src/runtime/wire/orchestra-error.ts';
import { Recorder, toolCall } from '../../carriers/recorder.ts';
import { within } from '../../carriers/within.ts';
import { patienceMs } from '../../support/patience.ts';
import { type Direction, TcpProxy } from '../../support/tcp-proxy.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type FaultBench, onListener } from '../fault-case.ts';

const directions: readonly Direction[] = ['to server', 'to client'];

async function throughProxy(bench: FaultBench): Promise<{ proxy: TcpProxy; connection: Connection }> {
	const proxy = await TcpProxy.to(bench.listener.address.port);
	bench.deferPath(() => proxy.close());
	return { proxy, connection: await bench.dial(proxy.port) };
}

/** Calls and a stream, in both directions more than one TLS record; all of them have to arrive whole. */
async function expectTraffic(connection: Connection): Promise<void> {
	const text = 'x'.repeat(40_000);
	const calls = Array.from({ length: 5 }, (_, n) => new Recorder(connection, toolCall({ n, text })));
	const stream = new Recorder(connection, countStart(20, 1000));
	for (const [n, call] of calls.entries()) {
		assert.deepEqual((await call.response()).toolCall?.result, { n, text });
	}
	assert.equal((await stream.response()).streamEnd?.success, true);
	assert.equal(stream.parts.length, 20);
}

/** The start of a stream of so many chunks of so many bytes. */
function countStart(to: number, bytes: number): PluginRequest {
	return { streamStart: { streamId: 's', toolName: 'count', arguments: { to, bytes } } };
}

/** Faults after which TLS has no choice but to end the connection. The piece is the next one of its direction. */
const corruptions: readonly [string, (pieces: readonly Buffer[]) => Buffer[]][] = [
	['is lost', () => []],
	['comes twice', ([piece]) => (piece ? [piece, piece] : [])],
	[
		'has one bit turned over',
		([piece]) => {
			const changed = Buffer.from(piece ?? []);
			const at = changed.length - 3;
			changed[at] = (changed[at] ?? 0) ^ 0x10;
			return [changed];
		},
	],
];

/** A byte stream on which things happen. */
export const tcpPathCases = [
	onListener(
		'a path that delivers one byte at a time delivers everything',
		async (bench) => {
			const { proxy, connection } = await throughProxy(bench);
			let left = 3000;
			proxy.meddle = (piece) => {
				const single = Math.min(left, piece.length);
				left -= single;
				return [
					...Array.from({ length: single }, (_, i) => piece.subarray(i, i + 1)),
					piece.subarray(single),
				];
			};
			for (let n = 0; n < 5; n++) {
				assert.deepEqual((await new Recorder(connection, toolCall({ n })).response()).toolCall?.result, {
					n,
				});
			}
			await expectTraffic(connection);
			assert.equal(left, 0);
		},
		{ only: 'tcp' },
	),

	onListener(
		'a handshake that comes one byte at a time succeeds',
		async (bench) => {
			const proxy = await TcpProxy.to(bench.listener.address.port);
			bench.deferPath(() => proxy.close());
			proxy.meddle = (piece) => Array.from({ length: piece.length }, (_, i) => piece.subarray(i, i + 1));
			const connection = await bench.dial(proxy.port);
			assert.ok((await new Recorder(connection, toolCall()).response()).toolCall?.success);
		},
		{ only: 'tcp' },
	),

	onListener(
		'a path that delays everything delivers everything, in order',
		async (bench) => {
			const { proxy, connection } = await throughProxy(bench);
			proxy.meddle = async (piece) => {
				await new Promise((resolve) => setTimeout(resolve, 5));
				return [piece];
			};
			await expectTraffic(connection);
		},
		{ only: 'tcp' },
	),

	...directions.flatMap((direction) =>
		corruptions.map(([what, corrupt]) =>
			onListener(
				`a piece of the stream ${direction} that ${what} ends its connection`,
				async (bench) => {
					const { proxy, connection } = await throughProxy(bench);
					await expectTraffic(connection);
					const held = new Recorder(connection, toolCall({}, 'hold'), { timeoutMs: patienceMs });
					await new Recorder(connection, toolCall()).response();
					let done = false;
					proxy.meddle = (piece, way) => {
						if (done || way !== direction) return [piece];
						done = true;
						return corrupt([piece]);
					};
					// The first may be what is lost; the next record then shows that something is.
					const calls = [1, 2, 3].map(() => new Recorder(connection, toolCall(), { timeoutMs: patienceMs }));
					await waitUntil(() => done);
					const last = new Recorder(connection, toolCall(), { timeoutMs: patienceMs });
					assert.match((await last.error()).code, /^connection_(lost|closed)$/);
					assert.equal((await held.error()).code, 'connection_lost');
					for (const call of calls) await call.error().catch(() => undefined);
					assert.ok(calls.every(({ ends }) => ends === 1));
					assert.equal(connection.open, false);
					assert.ok(await within(connection.closed, 'the connection ends'), 'for a reason');
				},
				{ only: 'tcp' },
			),
		),
	),

	onListener(
		'pieces of the stream that change places end their connection',
		async (bench) => {
			const { proxy, connection } = await throughProxy(bench);
			let first: Buffer | undefined;
			let changed = false;
			proxy.meddle = (piece, way) => {
				if (changed || way === 'to client') return [piece];
				if (!first) {
					first = piece;
					return [];
				}
				changed = true;
				return [piece, first];
			};
			const calls = [];
			for (let n = 0; n < 3; n++) {
				calls.push(new Recorder(connection, toolCall({ n }), { timeoutMs: patienceMs }));
				// Each is a piece of its own.
				await waitUntil(() => (n === 0 ? first !== undefined : changed));
			}
			for (const call of calls) assert.match((await call.error()).code, /^connection_(lost|closed)$/);
			assert.ok(changed);
		},
		{ only: 'tcp' },
	),

	...(['cut', 'reset'] as const).map((how) =>
		onListener(
			`a connection that is ${how} in the middle of messages fails what is under way`,
			async (bench) => {
				const { proxy, connection } = await throughProxy(bench);
				const held = new Recorder(connection, toolCall({}, 'hold'));
				const stream = new Recorder(connection, countStart(1_000_000, 1000));
				await stream.partsUpTo(2);
				// Most of a large request is on the way, and no more of it gets through.
				proxy.stall('to server');
				const large = new Recorder(connection, toolCall({ text: 'x'.repeat(8_000_000) }));
				await new Promise((resolve) => setTimeout(resolve, 20));
				proxy[how]();
				for (const call of [held, stream, large]) {
					const error = await call.error();
					assert.equal(error.code, 'connection_lost');
					assert.equal(error.retryable, false);
				}
				assert.ok(await within(connection.closed, 'the connection ends'), 'for a reason');
				const late = await new Recorder(connection, toolCall()).error();
				assert.equal(late.code, 'connection_closed');
				assert.equal(late.retryable, true);
			},
			{ only: 'tcp' },
		),
	),

	...directions.map((direction) =>
		onListener(
			`a stream that stalls ${direction}: calls end at their deadlines, and later ones are answered once it flows`,
			async (bench) => {
				const { proxy, connection } = await throughProxy(bench);
				proxy.stall(direction);
				const calls = Array.from(
					{ length: 10 },
					(_, n) => new Recorder(connection, toolCall({ n }), { timeoutMs: 100 }),
				);
				for (const call of calls) assert.equal((await call.error()).code, 'deadline_exceeded');
				const patient = new Recorder(connection, toolCall({ n: 11 }));
				proxy.resume(direction);
				assert.deepEqual((await patient.response()).toolCall?.result, { n: 11 });
				assert.equal(connection.open, true);
			},
			{ only: 'tcp' },
		),
	),

	...(['cut', 'reset', 'stall'] as const).flatMap((how) =>
		directions.map((direction) =>
			onListener(
				`a handshake with a ${how} ${direction} fails with a typed error`,
				async (bench) => {
					const proxy = await TcpProxy.to(bench.listener.address.port);
					bench.deferPath(() => proxy.close());
					proxy.meddle = (piece, way) => {
						if (way !== direction) return [piece];
						if (how === 'stall') proxy.stall(direction);
						else queueMicrotask(() => proxy[how]());
						return [piece.subarray(0, piece.length >> 1)];
					};
					const address = { ...bench.listener.address, port: proxy.port };
					await assert.rejects(
						within(bench.network.dial(address, { timeoutMs: 500 }), 'the end of the dial'),
						(error: OrchestraError) =>
							['handshake_failed', 'deadline_exceeded', 'unreachable', 'peer_rejected'].includes(error.code),
					);
				},
				{ only: 'tcp', timeouts: { handshakeMs: 2000 } },
			),
		),
	),
];
