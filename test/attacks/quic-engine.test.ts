import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/runtime/carrier/carrier.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { RequestMemory } from '../../src/runtime/carrier/request-memory.ts';
import { echo } from '../carriers/handlers.ts';
import { createNetwork } from '../carriers/harness.ts';
import { RawClient } from '../carriers/quic-raw-client.ts';
import { Recorder, toolCall } from '../carriers/recorder.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { UdpProxy } from '../support/udp-proxy.ts';
import { PacketSealer } from './sealed-packets.ts';
import { ServerProcess } from './server-process.ts';

/** What the heap of the server may grow to, in MB. */
const heapMegabytes = 600;

/** What the attacks may add to the memory of the server, in MB. Without a bound the first adds that in a second, and goes on. */
const mostAdded = { node: 400, deno: 700 };

/** Attackers, one after the other. */
const attackers = 5;

/** Packets after which an attacker has lost its patience. */
const mostPackets = 60_000;

/** Bytes of frames in a packet. */
const frameBytes = 1250;

/** Frames of each kind, where the index counts the frames of a connection. */
const attacks: Record<string, (index: number) => Buffer> = {
	'CRYPTO frames with gaps (CVE-2024-1765)': (index) => {
		const frame = Buffer.of(0x06, 0, 0, 0, 0, 1, 0xff);
		frame.writeUInt32BE(0x8000_0000 + 100_000 + 2 * index, 1);
		return frame;
	},
	'path challenges whose answers are never acknowledged (CVE-2023-6193)': (index) => {
		const frame = Buffer.alloc(9, 0x1a);
		frame.writeDoubleBE(index, 1);
		return frame;
	},
	'connection ids that retire those before (CVE-2024-1410)': (index) => {
		const frame = Buffer.alloc(34);
		frame.writeUInt8(0x18, 0);
		frame.writeUInt32BE(0x8000_0000 + index + 1, 1);
		frame.writeUInt32BE(0x8000_0000 + index + 1, 5);
		frame.writeUInt8(8, 9);
		frame.writeDoubleBE(index + 1, 10);
		frame.writeDoubleBE(index + 1, 18);
		return frame;
	},
};

describe.skipIf(process.platform !== 'linux').each(['node', 'deno'] as const)(
	'the QUIC engine, on %s',
	(runtime) => {
		const network = createNetwork(quicCarrier, () => Promise.reject(new Error('not used')));
		const folder = scratchFolder('attack');
		let server: ServerProcess;
		let standing: Connection;

		beforeEach(async () => {
			server = await ServerProcess.start(runtime, network.server, heapMegabytes, folder);
			standing = await network.dial(server.address('quic'));
		});

		afterEach(async () => {
			await standing.close();
			await server.stop();
		});

		async function connections(): Promise<number> {
			const { toolCall: answer } = await new Recorder(standing, toolCall({}, 'connections')).response();
			return Number(answer?.result?.count);
		}

		test.each(Object.entries(attacks))(
			'%s end the connection, before they take much memory',
			async (_, frameAt) => {
				const identity = network.issue('tools.attacker');
				await connections();
				const before = server.megabytes;
				for (let attacker = 0; attacker < attackers; attacker++) {
					const keysFile = join(folder, `keys-${attacker}`);
					const client = await RawClient.dial(server.address('quic'), {
						identity,
						caPem: identity.caPem,
						keysFile,
					});
					await client.confirmed();
					expect(await connections()).toBe(2);
					const sealer = new PacketSealer(keysFile, client.destinationId);
					// From here on nobody acknowledges anything.
					client.driver.abandon();
					let packets = 0;
					for (let index = 0; packets < mostPackets; packets++) {
						const frames: Buffer[] = [];
						for (let bytes = 0; bytes < frameBytes; bytes += frames.at(-1)?.length ?? 0)
							frames.push(frameAt(index++));
						client.sendDatagram(sealer.seal(Buffer.concat(frames)));
						if (packets % 32 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
						if (packets % 512 === 0 && (await connections()) === 1) break;
					}
					await rm(keysFile);
					expect(await connections(), `after ${packets} packets`).toBe(1);
					await client.vanish();
				}
				expect(server.mostMegabytes - before).toBeLessThan(mostAdded[runtime]);
				const newcomer = await network.dial(server.address('quic'));
				await new Recorder(newcomer, toolCall({ a: 1 })).response();
				await newcomer.close();
				expect(server.alive, server.said).toBe(true);
			},
			180_000,
		);
	},
);

describe('nobody who sends requests alone is taken for an attacker', () => {
	const megabyte = 1024 * 1024;

	test.each([
		['one datagram in twenty is lost', (index: number) => (index % 20 === 7 ? [] : [0])],
		['one in a thousand is lost', (index: number) => (index % 1000 === 500 ? [] : [0])],
		['all of them come twice', () => [0, 0]],
		['every fifth comes late', (index: number) => (index % 5 === 0 ? [30] : [0])],
	])(
		'%s',
		async (_, arrivals) => {
			const network = createNetwork(quicCarrier, () => Promise.reject(new Error('not used')));
			const listener = await network.listen(echo, { memory: new RequestMemory(256 * megabyte) });
			const proxy = await UdpProxy.to(listener.address.port);
			const connection = await network.dial({ ...listener.address, port: proxy.port });
			try {
				proxy.meddle = (bytes, direction, index) =>
					direction === 'to server' ? arrivals(index).map((after) => ({ bytes, after })) : [{ bytes }];
				const text = 'x'.repeat(8 * megabyte);
				const large = Array.from({ length: 4 }, () => new Recorder(connection, toolCall({ text })));
				const small = Array.from({ length: 500 }, (_, i) => new Recorder(connection, toolCall({ i })));
				for (const each of [...small, ...large]) expect((await each.response()).toolCall?.success).toBe(true);
				expect(listener.connectionCount).toBe(1);
			} finally {
				await connection.close();
				await proxy.close();
				await listener.close();
			}
		},
		180_000,
	);
});
