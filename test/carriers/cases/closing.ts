import assert from 'node:assert/strict';
import { OrchestraError } from '../../../src/runtime/wire/orchestra-error.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { onConnection, onNetwork, withoutAddresses } from '../compliance-case.ts';
import { echo, SilentHandler } from '../handlers.ts';
import { startPeerProcess } from '../peer-process.ts';
import { Recorder, resultOf, streamStart, toolCall } from '../recorder.ts';
import { within } from '../within.ts';

/** The kernel tells of the end of a TCP socket; of a QUIC connection nobody does, so that its silence has to tell. */
const keepAlive = { idleMs: 200, answerMs: 800 };

/** Connections that end. */
export const closingCases = [
	onConnection('closing ends the calls under way at both sides', async (connect) => {
		const handler = new SilentHandler();
		const { connection } = await connect(handler.handle);
		const call = new Recorder(connection, toolCall());
		const stream = new Recorder(connection, streamStart());
		await handler.reached(2);
		assert.equal(connection.open, true);
		await connection.close();
		assert.equal((await call.error()).code, 'connection_closed');
		assert.equal((await stream.error()).code, 'connection_closed');
		assert.equal((await handler.cancelled()).code, 'connection_lost');
		assert.equal(connection.open, false);
		// A handler that answers now does no harm.
		handler.finishAll(new OrchestraError('cancelled', 'told to stop'));
	}),

	onConnection('closing twice, and at once, is closing', async (connect) => {
		const { connection } = await connect(echo);
		await Promise.all([connection.close(), connection.close()]);
		await connection.close();
		await connection[Symbol.asyncDispose]();
		assert.equal(await within(connection.closed, 'closed'), undefined);
	}),

	onConnection('closing with a reason gives that reason', async (connect) => {
		const handler = new SilentHandler();
		const { connection } = await connect(handler.handle);
		const call = new Recorder(connection, toolCall());
		await handler.reached();
		await connection.close(new OrchestraError('connection_lost', 'the process of the plugin ended'));
		const error = await call.error();
		assert.equal(error.code, 'connection_lost');
		assert.equal(error.message, 'the process of the plugin ended');
	}),

	onConnection('a closed connection refuses a call, but not before it began', async (connect) => {
		const { connection } = await connect(echo);
		await connection.close();
		const call = new Recorder(connection, toolCall());
		assert.equal((await call.error()).code, 'connection_closed');
		call.exchange.cancel();
		assert.equal(call.ends, 1);
	}),

	onNetwork('a listener that closes ends what is under way with a typed error', async (network, _, defer) => {
		const handler = new SilentHandler();
		const listener = await network.listen(handler.handle);
		defer(() => listener.close());
		const connection = await network.dial(listener.address);
		defer(() => connection.close());
		const call = new Recorder(connection, toolCall());
		await handler.reached();
		await within(Promise.all([listener.close(), listener.close()]), 'the listener closes');
		assert.match((await call.error()).code, /^connection_(lost|closed)$/);
		assert.match((await handler.cancelled()).code, /^connection_(lost|closed)$/);
		assert.ok(await within(connection.closed, 'the connection ends'), 'it ended for a reason');
		assert.equal(connection.open, false);
		assert.equal(listener.connectionCount, 0);
	}),

	onNetwork('a listener that closes lets calls under way end for a while', async (network, _, defer) => {
		const handler = new SilentHandler();
		const listener = await network.listen(handler.handle);
		defer(() => listener.close());
		const connection = await network.dial(listener.address);
		defer(() => connection.close());
		const call = new Recorder(connection, toolCall({ n: 1 }));
		const served = await handler.reached();
		const closed = listener.close({ graceMs: 10_000 });
		await new Promise((resolve) => setTimeout(resolve, 20));
		assert.equal(served.cancelled, undefined);
		echo(served);
		assert.equal(resultOf(await call.response(), 'n'), 1);
		await within(closed, 'the listener closes as soon as the last call has ended');
		await within(connection.closed, 'the connection ends');
	}),

	onNetwork('a listener whose grace is over closes all the same', async (network, _, defer) => {
		const handler = new SilentHandler();
		const listener = await network.listen(handler.handle);
		defer(() => listener.close());
		const connection = await network.dial(listener.address);
		defer(() => connection.close());
		const call = new Recorder(connection, toolCall());
		await handler.reached();
		await within(listener.close({ graceMs: 50 }), 'the listener closes');
		assert.equal((await call.error()).code, 'connection_lost');
	}),

	onNetwork(
		'a closed listener frees its port',
		async (network, _, defer) => {
			const first = await network.listen(echo);
			await first.close();
			await assert.rejects(network.dial(first.address, { timeoutMs: 3000 }), (error: OrchestraError) =>
				['unreachable', 'deadline_exceeded'].includes(error.code),
			);
			const again = await network.carrier.listen(first.address, { identity: network.server, handler: echo });
			defer(() => again.close());
			const connection = await network.dial(again.address);
			defer(() => connection.close());
			await new Recorder(connection, toolCall()).response();
		},
		withoutAddresses,
	),

	onNetwork('a calling process that is killed ends its calls at the handler', async (network, _, defer) => {
		const handler = new SilentHandler();
		const listener = await network.listen(handler.handle);
		defer(() => listener.close());
		const peer = await startPeerProcess(network, 'call', listener.address, keepAlive);
		defer(peer.stop);
		await handler.reached();
		await peer.kill();
		assert.equal((await handler.cancelled()).code, 'connection_lost');
		await waitUntil(() => listener.connectionCount === 0);
	}),

	onNetwork('a serving process that is killed fails the calls to it', async (network, _, defer) => {
		const peer = await startPeerProcess(network, 'serve');
		defer(peer.stop);
		const connection = await network.dial(peer.address, { keepAlive });
		defer(() => connection.close());
		const call = new Recorder(connection, toolCall());
		const stream = new Recorder(connection, { ...streamStart(), acceptsProgress: true });
		await stream.partsUpTo(1);
		await peer.kill();
		const error = await call.error();
		assert.equal(error.code, 'connection_lost');
		assert.equal(error.retryable, false);
		assert.equal((await stream.error()).code, 'connection_lost');
		const reason = await within(connection.closed, 'the connection ends');
		assert.equal((reason as OrchestraError).code, 'connection_lost');
	}),

	onNetwork('fifty connections leave nothing open', async (network, _, defer) => {
		const listener = await network.listen(echo);
		defer(() => listener.close());
		const warmUp = await network.dial(listener.address);
		await warmUp.close();
		await waitUntil(() => listener.connectionCount === 0);
		const before = openResources();
		for (let round = 0; round < 5; round += 1) {
			const connections = await Promise.all(Array.from({ length: 10 }, () => network.dial(listener.address)));
			await Promise.all(connections.map((connection) => new Recorder(connection, toolCall()).response()));
			assert.equal(listener.connectionCount, 10);
			await Promise.all(connections.map((connection) => connection.close()));
			await waitUntil(() => listener.connectionCount === 0);
		}
		await waitUntil(() => openResources() <= before);
	}),
];

/** Sockets and pipes that are open now; timers come and go. */
function openResources(): number {
	return process.getActiveResourcesInfo().filter((name) => !/timeout|immediate/i.test(name)).length;
}
