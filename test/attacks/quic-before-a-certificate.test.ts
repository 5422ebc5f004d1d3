import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Address } from '../../src/runtime/carrier/address.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { createNetwork } from '../carriers/harness.ts';
import { RawClient } from '../carriers/quic-raw-client.ts';
import { Recorder, toolCall } from '../carriers/recorder.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { readRetry, SparseInitials } from './initial-flood.ts';
import { ServerProcess } from './server-process.ts';

/** How long an attack lasts, in milliseconds. */
const attackMs = process.env.ORCHESTRA_SOAK ? 300_000 : 4_000;

/** What one handshake may add to the server's memory, and what all may make of it, in MB. Deno keeps more of what it received. */
const mostForOne = { node: 100, deno: 200 };
const maxMegabytes = { node: 300, deno: 400 };

/** What the heap of the server may grow to, in MB. */
const heapMegabytes = 600;

const network = createNetwork(quicCarrier, () => Promise.reject(new Error('not used')));
const folder = scratchFolder('attack');
let server: ServerProcess;
let address: Address;
let sockets: Socket[] = [];

afterEach(async () => {
	for (const socket of sockets) socket.close();
	sockets = [];
	await server.stop();
});

async function udpSocket(): Promise<Socket> {
	const socket = createSocket('udp4');
	sockets.push(socket);
	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
	return socket;
}

function send(socket: Socket, datagram: Uint8Array): Promise<void> {
	return new Promise((resolve) => socket.send(datagram, address.port, address.host, () => resolve()));
}

async function expectNewcomer(): Promise<void> {
	const connection = await network.dial(address, { expectPeer: 'tools.server' });
	await new Recorder(connection, toolCall({ a: 1 })).response();
	await connection.close();
}

describe.skipIf(process.platform !== 'linux').each(['node', 'deno'] as const)(
	'without a certificate, on %s',
	(runtime) => {
		beforeEach(async () => {
			server = await ServerProcess.start(runtime, network.server, heapMegabytes, folder);
			address = server.address('quic');
		});

		test(
			'handshakes with gaps do not fill the memory, and newcomers get in',
			async () => {
				const socket = await udpSocket();
				const attackers = Array.from({ length: 4 }, () => new SparseInitials());
				const end = performance.now() + attackMs;
				let [most, sent, rounds] = [0, 0, 0];
				while (performance.now() < end) {
					for (const [index, attacker] of attackers.entries()) {
						const datagram = attacker.next();
						await send(socket, datagram);
						sent += datagram.length;
						// Long after it has given up on one, the attacker begins another.
						if (rounds % 1000 === 999) attackers[index] = new SparseInitials();
					}
					rounds++;
					if (rounds % 500 === 0) most = Math.max(most, server.megabytes);
					if (rounds % 2000 === 1000) await expectNewcomer();
				}
				await expectNewcomer();
				most = Math.max(most, server.megabytes);
				console.info(
					`${Math.round(sent / 1e6)} MB were sent, the server took ${Math.round(most)} MB at most`,
				);
				expect(most).toBeLessThan(maxMegabytes[runtime]);
			},
			attackMs + 60_000,
		);

		test('one handshake that goes on for ever costs little', async () => {
			const socket = await udpSocket();
			const attacker = new SparseInitials();
			const before = server.megabytes;
			for (let count = 0; count < 20_000; count++) await send(socket, attacker.next());
			await expectNewcomer();
			expect(server.megabytes - before).toBeLessThan(mostForOne[runtime]);
		});

		test('more half-open handshakes than a listener keeps lock nobody out', async () => {
			const standing = await network.dial(address, { expectPeer: 'tools.server' });
			for (let count = 0; count < 1500; count++) {
				const socket = await udpSocket();
				socket.on('message', (answer) => {
					const retry = readRetry(answer);
					if (retry) void send(socket, new SparseInitials(retry).next());
				});
				await send(socket, new SparseInitials().next());
			}
			await expectNewcomer();
			await new Recorder(standing, toolCall({ a: 1 })).response();
			await standing.close();
			expect(server.megabytes).toBeLessThan(maxMegabytes[runtime]);
		});

		test('an address that is not proven gets three times what it sent at most', async () => {
			const socket = await udpSocket();
			let answered = 0;
			socket.on('message', (answer) => {
				answered += answer.length;
			});
			// A real first message of a client, sent by an address that never answers.
			const datagram = await firstDatagram();
			await send(socket, datagram);
			await once(socket, 'message');
			// Long enough for a server to send lost packets again three times.
			await new Promise((resolve) => setTimeout(resolve, 8000));
			expect(answered).toBeLessThanOrEqual(3 * datagram.length);
		});
	},
);

/** What a client of ours sends first, as somebody else would repeat it. */
async function firstDatagram(): Promise<Buffer> {
	const trap = await udpSocket();
	const { port } = trap.address();
	const heard = once(trap, 'message') as Promise<[Buffer]>;
	const { client } = network;
	const address = { carrier: 'quic', host: '127.0.0.1', port } as const;
	const dialler = await RawClient.dial(address, { identity: client, caPem: client.caPem });
	const [datagram] = await heard;
	await dialler.vanish();
	return datagram;
}
