import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Connection } from '../../src/runtime/carrier/carrier.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { tcpCarrier } from '../../src/runtime/carrier/tcp/tcp-carrier.ts';
import { createNetwork } from '../carriers/harness.ts';
import { RawClient as RawQuic } from '../carriers/quic-raw-client.ts';
import { Recorder, toolCall } from '../carriers/recorder.ts';
import { lengthHeader, RawClient as RawTcp } from '../carriers/tcp/raw-client.ts';
import { within } from '../carriers/within.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { PacketSealer } from './sealed-packets.ts';
import { ServerProcess } from './server-process.ts';

const minutes = Number(process.env.ORCHESTRA_SOAK_MINUTES ?? 10);

/** What the heap of the server may grow to, in MB. */
const heapMegabytes = 600;

/** What the memory may grow by from the first third to the last, in MB: what a collection that is due makes of it. */
const mostGrowth = 150;

/** Milliseconds that a flood, or a stopped client, is left alone. */
const actMs = 3_000;

test(
	`good clients are served for ${minutes} minutes beside attackers, killed and stopped ones, in flat memory`,
	async () => {
		const folder = await mkdtemp(join(tmpdir(), 'orchestra-soak-'));
		const network = createNetwork(tcpCarrier, () => Promise.reject(new Error('not used')));
		const carriers = { tcp: tcpCarrier, quic: quicCarrier };
		const flooding = await bundleProgram(new URL('./flooding-client.ts', import.meta.url), folder);
		const server = await ServerProcess.start('node', network.server, heapMegabytes, folder);
		const children = new Set<ChildProcess>();
		const end = Date.now() + minutes * 60_000;
		const over = () => Date.now() >= end;
		const dial = (carrier: 'tcp' | 'quic', identity = network.client): Promise<Connection> =>
			carriers[carrier].dial(server.address(carrier), { identity });
		let answered = 0;

		async function goodClient(carrier: 'tcp' | 'quic'): Promise<void> {
			const connection = await dial(carrier);
			for (let call = 0; !over(); call++) {
				const text = call % 50 === 0 ? 'x'.repeat(100_000) : 'small';
				const calls = Array.from({ length: 4 }, () => new Recorder(connection, toolCall({ text, call })));
				for (const each of calls) {
					expect((await each.response()).toolCall?.result).toEqual({ text, call });
					answered++;
				}
				await sleep(5);
			}
			await connection.close();
		}

		async function newcomers(): Promise<void> {
			for (let index = 0; !over(); index++) {
				const connection = await dial(index % 2 ? 'tcp' : 'quic');
				await new Recorder(connection, toolCall({ index })).response();
				answered++;
				await connection.close();
				await sleep(200);
			}
		}

		async function flood(carrier: 'tcp' | 'quic', signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
			const child = spawn(process.execPath, [flooding], { stdio: ['pipe', 'pipe', 'ignore'] });
			children.add(child);
			const task = { identity: network.issue('tools.flooder'), address: server.address(carrier) };
			child.stdin?.write(`${JSON.stringify(task)}\n`);
			await within(
				once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line'),
				'a flood',
			);
			await sleep(actMs / 3);
			child.kill(signal);
			if (signal === 'SIGSTOP') await sleep(actMs);
			child.kill('SIGKILL');
			children.delete(child);
		}

		async function fillEngine(): Promise<void> {
			const identity = network.issue('tools.attacker');
			const keysFile = join(folder, 'keys');
			const client = await RawQuic.dial(server.address('quic'), {
				identity,
				caPem: identity.caPem,
				keysFile,
			});
			await client.confirmed();
			const sealer = new PacketSealer(keysFile, client.destinationId);
			client.driver.abandon();
			for (let packet = 0; packet < 4000; packet++) {
				const frames = Buffer.alloc(178 * 7);
				for (let at = 0; at < frames.length; at += 7) {
					frames.writeUInt8(0x06, at);
					frames.writeUInt32BE(0x8000_0000 + 100_000 + 2 * (packet * 178 + at / 7), at + 1);
					frames.writeUInt8(1, at + 5);
				}
				client.sendDatagram(sealer.seal(frames));
				if (packet % 32 === 0) await sleep(1);
			}
			await client.vanish();
			await rm(keysFile);
		}

		async function costlyRequests(carrier: 'tcp' | 'quic'): Promise<void> {
			const connection = await dial(carrier, network.issue('tools.attacker'));
			const costly = [{}, { 1000: 0 }].map((item) =>
				toolCall({ list: new Array(500_000).fill(item) }, 'hold'),
			);
			const calls = costly.map((request) => new Recorder(connection, request));
			await sleep(actMs);
			for (const each of calls) each.exchange.cancel();
			await connection.close();
		}

		async function incompleteMessages(): Promise<void> {
			const identity = network.issue('tools.attacker');
			const clients = await Promise.all(
				Array.from({ length: 20 }, () => RawTcp.connect(server.address('tcp'), identity)),
			);
			for (const client of clients) {
				client.write(lengthHeader(16 * 1024 * 1024), Buffer.alloc(4 * 1024 * 1024));
			}
			await sleep(actMs);
			for (const client of clients) client.close();
		}

		async function attackers(): Promise<void> {
			const acts = [
				() => flood('tcp', 'SIGKILL'),
				() => fillEngine(),
				() => flood('quic', 'SIGKILL'),
				() => costlyRequests('tcp'),
				() => flood('tcp', 'SIGSTOP'),
				() => incompleteMessages(),
				() => costlyRequests('quic'),
				() => flood('quic', 'SIGSTOP'),
			];
			for (let act = 0; !over(); act++) await acts[act % acts.length]?.();
		}

		const samples: number[] = [];
		async function watch(): Promise<void> {
			while (!over()) {
				samples.push(server.megabytes);
				await sleep(1000);
			}
		}

		try {
			await Promise.all([goodClient('tcp'), goodClient('quic'), newcomers(), attackers(), watch()]);
			const third = Math.floor(samples.length / 3);
			const most = (part: number[]) => Math.max(...part);
			const [first, last] = [most(samples.slice(0, third)), most(samples.slice(-third))];
			console.log(
				`${answered} calls; at most ${first.toFixed(0)} MB in the first third, ${last.toFixed(0)} MB in the last`,
			);
			expect(last).toBeLessThan(first + mostGrowth);
			expect(server.alive, server.said).toBe(true);
		} finally {
			for (const child of children) child.kill('SIGKILL');
			await server.stop();
			await rm(folder, { recursive: true, force: true });
		}
	},
	(minutes + 2) * 60_000,
);
