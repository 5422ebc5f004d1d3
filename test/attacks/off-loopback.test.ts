import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import type { Listener } from '../../src/runtime/carrier/carrier.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { echo } from '../carriers/handlers.ts';
import { createNetwork } from '../carriers/harness.ts';
import { Recorder, toolCall } from '../carriers/recorder.ts';
import { within } from '../carriers/within.ts';
import { readRetry, SparseInitials } from './initial-flood.ts';

/** An address of this machine that is not loopback. What is sent there from here never leaves the machine. */
const host = Object.values(networkInterfaces())
	.flat()
	.find((each) => each && !each.internal && each.family === 'IPv4')?.address;

const network = createNetwork(quicCarrier, () => Promise.reject(new Error('not used')));
let listener: Listener;
let socket: Socket | undefined;

afterEach(async () => {
	socket?.close();
	await listener.close();
});

test.skipIf(!host)(
	'off loopback the first datagram is answered by a wish to prove the address, and by nothing else',
	async () => {
		listener = await quicCarrier.listen(
			{ carrier: 'quic', host: host as string, port: 0 },
			{ identity: network.server, handler: echo },
		);
		socket = createSocket('udp4').bind(0, host);
		await once(socket, 'listening');
		const initial = new SparseInitials().next();
		let answers = 0;
		socket.on('message', () => answers++);
		const answer = once(socket, 'message');
		socket.send(initial, listener.address.port, host);
		const [datagram] = (await within(answer, 'an answer')) as [Buffer];
		expect(readRetry(datagram)?.token.length).toBeGreaterThan(0);
		expect(datagram.length).toBeLessThan(initial.length);
		// A client of ours proves its address and is served; that there is no second answer shows meanwhile.
		const connection = await network.dial(listener.address, { expectPeer: 'tools.server' });
		await new Recorder(connection, toolCall({ a: 1 })).response();
		await connection.close();
		expect(answers).toBe(1);
	},
);
