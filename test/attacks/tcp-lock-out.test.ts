import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { tcpCarrier } from '../../src/runtime/carrier/tcp/tcp-carrier.ts';
import { createNetwork } from '../carriers/harness.ts';
import { Recorder, toolCall } from '../carriers/recorder.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';
import { ServerProcess } from './server-process.ts';

/** More than a listener keeps without a finished handshake. */
const silentSockets = 600;

/** The bound that the listener promises. */
const keptAtMost = 256;

/** What the heap of the server may grow to, in MB. */
const heapMegabytes = 600;

const network = createNetwork(tcpCarrier, () => Promise.reject(new Error('not used')));
const folder = scratchFolder('attack');
let server: ServerProcess;
let sockets: Socket[] = [];

afterEach(async () => {
	for (const socket of sockets) socket.destroy();
	sockets = [];
	await server.stop();
});

test.each(['node', 'deno'] as const)(
	'connections that say nothing give way, a standing client goes on, and a newcomer gets in: %s',
	async (runtime) => {
		server = await ServerProcess.start(runtime, network.server, heapMegabytes, folder);
		const address = server.address('tcp');
		const standing = await network.dial(address, { expectPeer: 'tools.server' });
		let closed = 0;
		for (let index = 0; index < silentSockets; index++) {
			const socket = connect({ host: address.host, port: address.port });
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
		const newcomer = await network.dial(address, { expectPeer: 'tools.server' });
		for (const connection of [standing, newcomer]) {
			await new Recorder(connection, toolCall({ a: 1 })).response();
			await connection.close();
		}
	},
);
