import assert from 'node:assert/strict';
import type { OrchestraError } from '../../../src/runtime/wire/orchestra-error.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { onNetwork, withoutSilence } from '../compliance-case.ts';
import { chunk, echo, SilentHandler, streamEnd } from '../handlers.ts';
import { startPeerProcess } from '../peer-process.ts';
import { Recorder, resultOf, streamStart, toolCall } from '../recorder.ts';
import { within } from '../within.ts';

/** Long enough for a peer that runs on a busy machine, short enough for a test. */
const keepAlive = { idleMs: 200, answerMs: 800 };

/** A call that shows when it has reached the serving process of {@link startPeerProcess}, which never answers it. */
const noticed = { ...streamStart(), acceptsProgress: true };

/** Peers that vanish without a word: as far as the system tells, they are still there. */
export const vanishingCases = [
	onNetwork('a server that is frozen: what was sent to it is lost, once', async (network, _, defer) => {
		const peer = await startPeerProcess(network, 'serve');
		defer(peer.stop);
		const connection = await network.dial(peer.address, { keepAlive });
		defer(() => connection.close());
		const call = new Recorder(connection, toolCall());
		const stream = new Recorder(connection, noticed);
		await stream.partsUpTo(1);
		peer.freeze();
		for (const error of [await call.error(), await stream.error()]) {
			assert.equal(error.code, 'connection_lost');
			assert.equal(error.retryable, false);
		}
		const reason = await within(connection.closed, 'the connection ends');
		assert.equal((reason as OrchestraError).code, 'connection_lost');
		assert.equal(connection.open, false);
		assert.deepEqual([call.ends, stream.ends], [1, 1]);
	}),

	onNetwork('a call while a server is frozen is not sent, and may be repeated', async (network, _, defer) => {
		const peer = await startPeerProcess(network, 'serve');
		defer(peer.stop);
		const connection = await network.dial(peer.address, { keepAlive });
		defer(() => connection.close());
		peer.freeze();
		await sleep(keepAlive.idleMs + 50);
		const error = await new Recorder(connection, toolCall()).error();
		assert.equal(error.code, 'connection_lost');
		assert.equal(error.retryable, true);
	}),

	onNetwork('a server that was frozen for a moment is still there', async (network, _, defer) => {
		const peer = await startPeerProcess(network, 'serve');
		defer(peer.stop);
		const patience = { idleMs: 100, answerMs: 5_000 };
		const connection = await network.dial(peer.address, { keepAlive: patience });
		defer(() => connection.close());
		const before = new Recorder(connection, noticed);
		await before.partsUpTo(1);
		peer.freeze();
		await sleep(patience.idleMs + 100);
		const during = new Recorder(connection, noticed);
		const given = new Recorder(connection, noticed);
		given.exchange.cancel();
		assert.equal((await given.error()).code, 'cancelled');
		peer.thaw();
		await during.partsUpTo(1);
		assert.equal(given.parts.length, 0);
		assert.equal(before.ends, 0);
		assert.equal(connection.open, true);
	}),

	onNetwork(
		'a client that is frozen: its calls end at the handler',
		async (network, _, defer) => {
			const handler = new SilentHandler();
			const listener = await network.listen(handler.handle);
			defer(() => listener.close());
			const peer = await startPeerProcess(network, 'call', listener.address, keepAlive);
			defer(peer.stop);
			await handler.reached();
			peer.freeze();
			assert.equal((await handler.cancelled()).code, 'connection_lost');
			await waitUntil(() => listener.connectionCount === 0);
		},
		withoutSilence,
	),

	onNetwork('a connection at rest stays, at both ends', async (network, _, defer) => {
		const listener = await network.listen(echo);
		defer(() => listener.close());
		const connection = await network.dial(listener.address, { keepAlive: { idleMs: 50, answerMs: 250 } });
		defer(() => connection.close());
		for (let n = 0; n < 3; n += 1) {
			await sleep(400);
			assert.equal(listener.connectionCount, 1);
			assert.equal(resultOf(await new Recorder(connection, toolCall({ n })).response(), 'n'), n);
		}
	}),

	onNetwork('a client that only listens is not taken for gone', async (network, _, defer) => {
		const listener = await network.listen((exchange) => {
			let sequence = 0;
			const timer = setInterval(() => {
				exchange.send(chunk(sequence, new Uint8Array(1)));
				sequence += 1;
				if (sequence < 40) return;
				clearInterval(timer);
				exchange.finish(streamEnd());
			}, 25);
			exchange.onCancel(() => clearInterval(timer));
		});
		defer(() => listener.close());
		const connection = await network.dial(listener.address, { keepAlive: { idleMs: 50, answerMs: 250 } });
		defer(() => connection.close());
		// A window that never asks for credit.
		const stream = new Recorder(connection, streamStart(), { windowBytes: 16 * 1024 * 1024 });
		await stream.response();
		assert.equal(stream.parts.length, 40);
	}),

	onNetwork('a handler that takes long is waited for', async (network, _, defer) => {
		const handler = new SilentHandler();
		const listener = await network.listen(handler.handle);
		defer(() => listener.close());
		const connection = await network.dial(listener.address, { keepAlive: { idleMs: 50, answerMs: 250 } });
		defer(() => connection.close());
		const call = new Recorder(connection, toolCall({ n: 1 }));
		const served = await handler.reached();
		await sleep(800);
		echo(served);
		assert.equal(resultOf(await call.response(), 'n'), 1);
	}),
];

function sleep(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}
