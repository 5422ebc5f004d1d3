import assert from 'node:assert/strict';
import type { Connection } from '../../../src/runtime/carrier/carrier.ts';
import { Recorder, toolCall } from '../../carriers/recorder.ts';
import { patienceMs } from '../../support/patience.ts';
import type { Direction } from '../../support/tcp-proxy.ts';
import { type DatagramMeddler, UdpProxy } from '../../support/udp-proxy.ts';
import { type FaultBench, onListener } from '../fault-case.ts';

const quic = { only: 'quic' } as const;

async function throughPath(
	bench: FaultBench,
	during: 'the handshake too' | 'calls only' = 'calls only',
	meddle?: DatagramMeddler,
): Promise<{ path: UdpProxy; connection: Connection }> {
	const path = await UdpProxy.to(bench.listener.address.port);
	bench.deferPath(() => path.close());
	if (meddle && during === 'the handshake too') path.meddle = meddle;
	const connection = await bench.dial(path.port);
	if (meddle) path.meddle = meddle;
	return { path, connection };
}

/** Calls at once, a message of many datagrams each way, and a stream: all has to arrive whole, once and in order. */
async function expectTraffic(connection: Connection, calls: number, textBytes: number): Promise<void> {
	const options = { timeoutMs: patienceMs };
	const text = 'x'.repeat(textBytes);
	const all = Array.from({ length: calls }, (_, n) => new Recorder(connection, toolCall({ n }), options));
	const large = new Recorder(connection, toolCall({ text }), options);
	const start = { streamId: 's', toolName: 'count', arguments: { to: 20, bytes: 1000 } };
	const stream = new Recorder(connection, { streamStart: start }, options);
	for (const [n, call] of all.entries()) {
		assert.deepEqual((await settled(call)).toolCall?.result, { n });
	}
	assert.deepEqual((await settled(large)).toolCall?.result, { text });
	assert.equal((await settled(stream)).streamEnd?.success, true);
	assert.deepEqual(
		stream.parts.map((part) => part.streamChunk?.sequence ?? 0),
		Array.from({ length: 20 }, (_, i) => i),
	);
}

/** The answer, however long the path makes it take; the call's own deadline is the bound. */
async function settled(call: Recorder) {
	while (call.ends === 0) await new Promise((resolve) => setTimeout(resolve, 5));
	return call.response();
}

/** A number from 0 to 1 that looks like chance and is always the same. */
function chance(direction: Direction, index: number): number {
	let hash = (index * 2 + (direction === 'to server' ? 1 : 0) + 1) * 2654435761;
	hash = Math.imul(hash ^ (hash >>> 15), 2246822519);
	hash = Math.imul(hash ^ (hash >>> 13), 3266489917);
	return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

const losing =
	(share: number): DatagramMeddler =>
	(bytes, direction, index) =>
		chance(direction, index) < share ? [] : [{ bytes }];

const dead: DatagramMeddler = () => [];

/** Datagrams on which things happen. */
export const udpPathCases = [
	...([1, 5, 20] as const).map((percent) =>
		onListener(
			`everything arrives where ${percent} % of the datagrams are lost, those of the handshake too`,
			async (bench) => {
				const meddle = losing(percent / 100);
				const { path, connection } = await throughPath(bench, 'the handshake too', meddle);
				const [calls, bytes] = percent === 20 ? [20, 30_000] : [50, 200_000];
				await expectTraffic(connection, calls, bytes);
				// As many as it takes for one in a hundred to be lost.
				for (let n = 0; path.disturbed === 0 && n < 500; n++) {
					await settled(new Recorder(connection, toolCall({ n })));
				}
				assert.ok(path.disturbed > 0, 'datagrams were lost');
				path.meddle = (datagram) => [{ bytes: datagram }];
			},
			quic,
		),
	),

	onListener(
		'datagrams that come out of order, late and twice are put right',
		async (bench) => {
			const meddle: DatagramMeddler = (bytes, direction, index) => {
				const kind = chance(direction, index);
				if (kind < 0.2) return [{ bytes, after: 1 + kind * 40 }];
				if (kind < 0.4) return [{ bytes }, { bytes, after: kind * 20 }];
				return [{ bytes }];
			};
			const { path, connection } = await throughPath(bench, 'the handshake too', meddle);
			await expectTraffic(connection, 50, 100_000);
			assert.ok(path.disturbed > 0);
		},
		quic,
	),

	onListener(
		'datagrams that are changed, cut short or made up do no harm',
		async (bench) => {
			const meddle: DatagramMeddler = (bytes, direction, index) => {
				const kind = chance(direction, index);
				const changed = Buffer.from(bytes);
				changed[Math.floor(kind * bytes.length)] = index & 255;
				if (kind < 0.05) return [{ bytes: changed }];
				if (kind < 0.1) return [{ bytes: bytes.subarray(0, kind * 10 * bytes.length) }];
				if (kind < 0.3) return [{ bytes: changed }, { bytes }];
				if (kind < 0.4) return [{ bytes }, { bytes: Buffer.alloc(1200, index) }, { bytes: Buffer.alloc(1) }];
				return [{ bytes }];
			};
			const { path, connection } = await throughPath(bench, 'the handshake too', meddle);
			await expectTraffic(connection, 50, 100_000);
			assert.ok(path.disturbed > 0);
			path.meddle = (bytes) => [{ bytes }];
		},
		quic,
	),

	onListener(
		'all datagrams of a connection said again do no harm',
		async (bench) => {
			const said: [Buffer, Direction][] = [];
			const { path, connection } = await throughPath(bench, 'the handshake too', (bytes, direction) => {
				said.push([Buffer.from(bytes), direction]);
				return [{ bytes }];
			});
			await expectTraffic(connection, 20, 20_000);
			const again = said.filter(([, direction]) => direction === 'to server').map(([bytes]) => bytes);
			path.meddle = (bytes, direction) => [
				{ bytes },
				...(direction === 'to server' ? again.splice(0).map((old) => ({ bytes: old })) : []),
			];
			await expectTraffic(connection, 20, 20_000);
			assert.equal(again.length, 0);
			// Twice the calls and the large one, and the bystander's.
			assert.equal(bench.plugin.calls, 2 * 21 + 1, 'no call was served twice');
		},
		quic,
	),

	onListener(
		'a path that dies: calls end at their deadlines, and go on where it comes back',
		async (bench) => {
			const { path, connection } = await throughPath(bench);
			const patient = new Recorder(connection, toolCall({}, 'hold'), { timeoutMs: Number.POSITIVE_INFINITY });
			await new Recorder(connection, toolCall()).response();
			path.meddle = dead;
			const calls = Array.from(
				{ length: 10 },
				(_, n) => new Recorder(connection, toolCall({ n }), { timeoutMs: 200 }),
			);
			for (const call of calls) assert.equal((await call.error()).code, 'deadline_exceeded');
			assert.equal(patient.ends, 0);
			path.meddle = (bytes) => [{ bytes }];
			const answer = await settled(new Recorder(connection, toolCall({ n: 11 }), { timeoutMs: patienceMs }));
			assert.deepEqual(answer.toolCall?.result, { n: 11 });
			patient.exchange.cancel();
			assert.equal((await patient.error()).code, 'cancelled');
		},
		quic,
	),

	...(['to server', 'to client'] as const).map((dying) =>
		onListener(
			`a path that dies ${dying} only: calls end at their deadlines`,
			async (bench) => {
				const { path, connection } = await throughPath(bench);
				path.meddle = (bytes, direction) => (direction === dying ? [] : [{ bytes }]);
				const call = new Recorder(connection, toolCall(), { timeoutMs: 200 });
				const held = new Recorder(connection, toolCall({}, 'hold'), { timeoutMs: 300 });
				assert.equal((await call.error()).code, 'deadline_exceeded');
				assert.equal((await held.error()).code, 'deadline_exceeded');
				path.meddle = (bytes) => [{ bytes }];
				const again = new Recorder(connection, toolCall({ n: 1 }), { timeoutMs: patienceMs });
				assert.deepEqual((await settled(again)).toolCall?.result, { n: 1 });
			},
			quic,
		),
	),

	onListener(
		'a path that dies during the handshake: the dial has a deadline',
		async (bench) => {
			// The first datagram alone leaves a handshake hanging at the listener, too.
			for (const from of [0, 1]) {
				const path = await UdpProxy.to(bench.listener.address.port);
				bench.deferPath(() => path.close());
				path.meddle = (bytes, direction, index) =>
					direction === 'to client' || index < from ? [{ bytes }] : [];
				const address = { ...bench.listener.address, port: path.port };
				await assert.rejects(bench.network.dial(address, { timeoutMs: 300 }), { code: 'deadline_exceeded' });
			}
		},
		quic,
	),
];
