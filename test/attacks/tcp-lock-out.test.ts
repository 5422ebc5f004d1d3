import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Listener } from '../../src/runtime/carrier/carrier.ts';
import { echo } from '../carriers/handlers.ts';
import type { Network } from '../carriers/harness.ts';
import { createHarness } from '../carriers/harnesses.ts';
import { Recorder, toolCall } from '../carriers/recorder.ts';
import { waitUntil } from '../support/wait-until.ts';

/** More than a listener keeps without a finished handshake. */
const silentSockets = 600;

/** The bound that the listener promises. */
const keptAtMost = 256;

let network: Network;
let listener: Listener;
let sockets: Socket[];

beforeEach(async () => {
	network = (await createHarness('tcp')).network as Network;
	listener = await network.listen(echo);
	sockets = [];
});

afterEach(async () => {
	for (const socket of sockets) socket.destroy();
	await listener.close();
});

test('connections that say nothing give way, a standing client goes on, and a newcomer gets in', async () => {
	const standing = await network.dial(listener.address, { expectPeer: 'tools.server' });
	let closed = 0;
	for (let index = 0; index < silentSockets; index++) {
		const socket = connect({ host: listener.address.host, port: listener.address.port });
		socket.on('error', () => undefined);
		socket.once('close', () => {
			closed += 1;
		});
		// Without a reader the end that the other side makes would not be seen.
		socket.resume();
		sockets.push(socket);
		await once(socket, 'connect');
	}
	await waitUntil(() => closed >= silentSockets - keptAtMost);
	expect(closed).toBe(silentSockets - keptAtMost);
	const newcomer = await network.dial(listener.address, { expectPeer: 'tools.server' });
	for (const connection of [standing, newcomer]) {
		await new Recorder(connection, toolCall({ a: 1 })).response();
		await connection.close();
	}
});
