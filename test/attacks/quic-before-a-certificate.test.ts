import { type ChildProcess, fork } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Address } from '../../src/runtime/carrier/address.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { createNetwork } from '../carriers/harness.ts';
import { RawClient } from '../carriers/quic-raw-client.ts';
import { Recorder, toolCall } from '../carriers/recorder.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { readRetry, SparseInitials } from './initial-flood.ts';

/** How long an attack lasts, in milliseconds. */
const attackMs = process.env.ORCHESTRA_SOAK ? 300_000 : 6_000;

/** What the server's memory may grow to, in MB. */
const maxMegabytes = 300;

const network = createNetwork(quicCarrier, () => Promise.reject(new Error('not used')));
let folder: string;
let program: string;
let server: ChildProcess;
let address: Address;
let sockets: Socket[];

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), 'orchestra-attack-'));
	program = await bundleProgram(new URL('./quic-server.ts', import.meta.url), folder);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
	sockets = [];
	server = fork(program, { execArgv: [] });
	server.send(network.server);
	const [port] = (await once(server, 'message')) as [number];
	address = { carrier: 'quic', host: '127.0.0.1', port };
});

afterEach(async () => {
	for (const socket of sockets) socket.close();
	if (server.exitCode !== null) return;
	const exited = once(server, 'exit');
	server.kill('SIGKILL');
	await exited;
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

/** The memory of the server, in MB. */
function serverMegabytes(): number {
	const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
	return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function expectNewcomer(): Promise<void> {
	const connection = await network.dial(address, { expectPeer: 'tools.server' });
	await new Recorder(connection, toolCall({ a: 1 })).response();
	await connection.close();
}

describe.skipIf(process.platform !== 'linux')('without a certificate', () => {
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
				if (rounds % 500 === 0) most = Math.max(most, serverMegabytes());
				if (rounds % 2000 === 1000) await expectNewcomer();
			}
			await expectNewcomer();
			most = Math.max(most, serverMegabytes());
			console.info(`${Math.round(sent / 1e6)} MB were sent, the server took ${Math.round(most)} MB at most`);
			expect(most).toBeLessThan(maxMegabytes);
		},
		attackMs + 60_000,
	);

	test('one handshake that goes on for ever costs little', async () => {
		const socket = await udpSocket();
		const attacker = new SparseInitials();
		const before = serverMegabytes();
		for (let count = 0; count < 20_000; count++) await send(socket, attacker.next());
		await expectNewcomer();
		expect(serverMegabytes() - before).toBeLessThan(100);
	}, 60_000);

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
		expect(serverMegabytes()).toBeLessThan(maxMegabytes);
	}, 60_000);

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
	}, 60_000);
});

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
