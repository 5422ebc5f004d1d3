import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import type { Address, NetworkCarrier } from '../../src/runtime/carrier/address.ts';
import { connectInProcess } from '../../src/runtime/carrier/memory/memory-connection.ts';
import { networkCarrier } from '../../src/runtime/carrier/network-carrier.ts';
import type { Harness } from './harness.ts';
import { connectThrough, createNetwork } from './harness.ts';
import { Lines } from './line-network.ts';

const oneChunk = 128 * 1024;

/** The carriers that the suite runs on. QUIC is named even where it has no binary: its cases then fail, and say why. */
export const harnessNames = ['memory', 'fd', 'tcp', 'quic'].filter(
	(name) =>
		name !== 'quic' || existsSync(new URL('../../src/runtime/carrier/quic/quic-carrier.ts', import.meta.url)),
) as HarnessName[];

type HarnessName = 'memory' | 'fd' | 'tcp' | 'quic';

/** The harness of a carrier. */
export async function createHarness(name: HarnessName): Promise<Harness> {
	if (name === 'memory') return memoryHarness();
	if (name === 'fd') return lineHarness();
	const network = createNetwork(await networkCarrier(name), name === 'tcp' ? silentTcpPeer : silentUdpPeer);
	return {
		name,
		// QUIC's own stream window, up to 8 MiB at each end, comes on top.
		slackBytes: name === 'tcp' ? oneChunk : 18 * 1024 * 1024,
		tooManyCalls: name === 'tcp' ? 4097 : 11_500,
		connect: (handler) => connectThrough(network, handler),
		network,
	};
}

function memoryHarness(): Harness {
	return {
		name: 'memory',
		slackBytes: oneChunk,
		tooManyCalls: 4097,
		connect: async (handler) => {
			const connection = connectInProcess(handler, { callerName: 'tools.client', plugin: 'tools.server' });
			return { connection, listener: undefined, close: () => connection.close() };
		},
		network: undefined,
	};
}

function lineHarness(): Harness {
	const network = new Lines().network();
	return {
		name: 'fd',
		slackBytes: oneChunk,
		tooManyCalls: 4097,
		connect: (handler) => connectThrough(network, handler),
		network,
	};
}

async function silentTcpPeer() {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on('error', () => undefined);
		socket.resume();
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return {
		address: local('tcp', (server.address() as { port: number }).port),
		close: async () => {
			for (const socket of sockets) socket.destroy();
			server.close();
			await once(server, 'close');
		},
	};
}

async function silentUdpPeer() {
	const socket = createSocket('udp4');
	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
	return {
		address: local('quic', socket.address().port),
		close: async () => {
			socket.close();
			await once(socket, 'close');
		},
	};
}

function local(carrier: NetworkCarrier, port: number): Address {
	return { carrier, host: '127.0.0.1', port };
}
