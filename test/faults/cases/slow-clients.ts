import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { shutdownRead } from '../../../src/runtime/carrier/quic/native/quiche.ts';
import { encodeRequestFrame } from '../../../src/runtime/wire/frame.ts';
import { RawClient as RawQuicClient } from '../../carriers/quic-raw-client.ts';
import { Recorder, toolCall } from '../../carriers/recorder.ts';
import { RawClient as RawTcpClient } from '../../carriers/tcp/raw-client.ts';
import { within } from '../../carriers/within.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type FaultBench, onListener } from '../fault-case.ts';

/** Writes a byte at a time, for ever, until the socket is closed. */
function dribble(socket: Pick<Socket, 'write' | 'once' | 'destroyed'>, bytes: Uint8Array): void {
	let at = 0;
	const timer = setInterval(() => {
		if (socket.destroyed || at === bytes.length) clearInterval(timer);
		else socket.write(bytes.subarray(at, ++at));
	}, 10);
	socket.once('close', () => clearInterval(timer));
}

/** The start of a ClientHello that is 16 KiB long: at a byte each 10 ms it takes minutes. */
const endlessHello = Buffer.concat([
	Buffer.from([22, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc]),
	Buffer.alloc(16_380),
]);

/** A client with a confirmed connection, that says goodbye after the case. */
async function confirmedClient(bench: FaultBench): Promise<RawQuicClient> {
	const { client: identity } = bench.network;
	const client = await RawQuicClient.dial(bench.listener.address, { identity, caPem: identity.caPem });
	bench.defer(async () => {
		client.driver.close(0, '');
		await client.vanish();
	});
	await client.confirmed();
	return client;
}

function blobRequest(bytes: number, together = 1): Uint8Array {
	return encodeRequestFrame({ requestId: 'r', ...toolCall({ bytes, together }, 'blob') });
}

async function expectServed(bench: FaultBench): Promise<void> {
	const connection = await bench.dial();
	assert.ok((await new Recorder(connection, toolCall()).response()).toolCall?.success);
	await connection.close();
}

/** Impatient enough for a test, and patient enough for those who are served meanwhile on a busy machine. */
const impatient = { only: 'tcp', timeouts: { handshakeMs: 5000, stallMs: 5000 } } as const;

/** Clients that take their time. */
export const slowClientCases = [
	onListener(
		'fifty handshakes that come a byte at a time are dropped at their deadline, and hold up nobody',
		async (bench) => {
			const sockets = await Promise.all(
				Array.from({ length: 50 }, async () => {
					const socket = connect(bench.listener.address.port, '127.0.0.1');
					bench.defer(() => socket.destroy());
					socket.on('error', () => undefined);
					await once(socket, 'connect');
					socket.resume();
					dribble(socket, endlessHello);
					return socket;
				}),
			);
			await expectServed(bench);
			// Not events.once: a socket that is reset says so in an error first.
			const closed = sockets.map(
				(socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve)),
			);
			await within(Promise.all(closed), 'the listener drops them');
		},
		impatient,
	),

	onListener(
		'a first request that comes a byte at a time is dropped at its deadline',
		async (bench) => {
			const client = await RawTcpClient.connect(bench.listener.address, bench.network.client);
			bench.defer(() => client.close());
			dribble(
				client.socket,
				encodeRequestFrame({ requestId: 'r', ...toolCall({ text: 'x'.repeat(10_000) }) }),
			);
			await expectServed(bench);
			await client.gone();
		},
		impatient,
	),

	onListener(
		'a hundred QUIC handshakes that hang hold up nobody',
		async (bench) => {
			const { client: identity } = bench.network;
			const clients = await Promise.all(
				Array.from({ length: 100 }, () =>
					RawQuicClient.dial(bench.listener.address, { identity, caPem: identity.caPem, idleMs: 1000 }),
				),
			);
			for (const client of clients) client.driver.abandon();
			await expectServed(bench);
			for (const client of clients) await client.vanish();
			await expectServed(bench);
		},
		{ only: 'quic' },
	),

	onListener(
		'a QUIC request that comes a byte at a time holds up nobody, and is served when it is whole',
		async (bench) => {
			const client = await confirmedClient(bench);
			const request = encodeRequestFrame({ requestId: 'r', ...toolCall({ n: 1 }) });
			for (const [at, byte] of request.entries()) {
				if (at === 8) await expectServed(bench);
				client.send(4, Uint8Array.of(byte));
				await new Promise((resolve) => setTimeout(resolve, 1));
			}
			await client.frame(4);
		},
		{ only: 'quic' },
	),

	onListener(
		'a QUIC client that never reads has its streams held back, and others do not feel it',
		async (bench) => {
			const client = await confirmedClient(bench);
			if (client.driver.owner) client.driver.owner.readable = () => undefined;
			const before = bench.plugin.produced;
			for (let i = 1; i <= 10; i++) {
				const start = { streamId: `s${i}`, toolName: 'count', arguments: { bytes: 64 * 1024 } };
				client.send(4 * i, encodeRequestFrame({ requestId: `r${i}`, streamStart: start }), true);
			}
			await waitUntil(() => bench.plugin.produced - before >= 10 * 64 * 1024);
			// Until the ten of them move no more while another is served.
			for (let last = -1; last !== bench.plugin.produced; ) {
				last = bench.plugin.produced;
				await expectServed(bench);
			}
			assert.ok(bench.plugin.produced - before < 10 * 4 * 1024 * 1024, `${bench.plugin.produced} bytes`);
		},
		{ only: 'quic' },
	),

	onListener(
		'a QUIC client that never reads its answers is not read from any more, until it wants less',
		async (bench) => {
			const client = await confirmedClient(bench);
			if (client.driver.owner) client.driver.owner.readable = () => undefined;
			const before = bench.plugin.calls;
			const [first, total] = [12, 40];
			for (let i = 1; i <= first; i++) client.send(4 * i, blobRequest(8 * 1024 * 1024), true);
			// They are answered, and wait: now too much does.
			await waitUntil(() => bench.plugin.calls - before === first && bench.plugin.active === 2);
			for (let i = first + 1; i <= total; i++) client.send(4 * i, blobRequest(8 * 1024 * 1024), true);
			await expectServed(bench);
			assert.equal(bench.plugin.calls - before, first + 1, 'none was answered but the other client');
			for (let i = 1; i <= total; i++) client.shutdown(4 * i, shutdownRead);
			client.send(4 * (total + 1), blobRequest(10), true);
			await waitUntil(() => bench.plugin.calls - before > first + 1);
			// That the other client has left is heard of a moment later.
			await waitUntil(() => bench.listener.connectionCount === 2);
		},
		{ only: 'quic' },
	),

	onListener(
		'a QUIC client for which far too much waits loses its connection, and others do not',
		async (bench) => {
			const client = await confirmedClient(bench);
			if (client.driver.owner) client.driver.owner.readable = () => undefined;
			// All of them arrive before the first is answered.
			for (let i = 1; i <= 40; i++) client.send(4 * i, blobRequest(10 * 1024 * 1024, 40), true);
			await waitUntil(() => bench.listener.connectionCount === 1);
			await expectServed(bench);
		},
		{ only: 'quic' },
	),
];
