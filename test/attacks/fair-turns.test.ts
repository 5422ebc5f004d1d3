import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { beforeAll, expect, test } from 'vitest';
import type { Connection } from '../../src/runtime/carrier/carrier.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { tcpCarrier } from '../../src/runtime/carrier/tcp/tcp-carrier.ts';
import { createNetwork } from '../carriers/harness.ts';
import { Recorder, toolCall } from '../carriers/recorder.ts';
import { within } from '../carriers/within.ts';
import { bundleProgram } from '../support/bundle-program.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { ServerProcess } from './server-process.ts';

/** Calls, one after the other, whose slowest tenth is looked at: the slowest hundredth is that of a busy machine. */
const calls = 100;

/** How many times the slowest tenth may take beside a flood; a flood that is served in one piece makes it hundreds. */
const mostTimes = { node: 50, deno: 200 };

/** What a busy machine makes of any call, in milliseconds: not the server's fault. */
const leastMs = 5;

const carriers = { tcp: tcpCarrier, quic: quicCarrier };
const folder = scratchFolder('attack');
let flooding: string;

beforeAll(async () => {
	flooding = await bundleProgram(new URL('./flooding-client.ts', import.meta.url), folder);
});

const cases = [
	{ runtime: 'node', carrier: 'tcp' },
	{ runtime: 'node', carrier: 'quic' },
	{ runtime: 'deno', carrier: 'tcp' },
	{ runtime: 'deno', carrier: 'quic' },
] as const;

test.each(cases)(
	'a flood of small calls holds up nobody else: $runtime, $carrier',
	async ({ runtime, carrier }) => {
		const network = createNetwork(carriers[carrier], () => Promise.reject(new Error('not used')));
		const server = await ServerProcess.start(runtime, network.server, 600, folder);
		let flooder: ChildProcess | undefined;
		try {
			const address = server.address(carrier);
			const standing = await network.dial(address);
			await slowestTenth(standing);
			const quiet = await slowestTenth(standing);
			flooder = spawn(process.execPath, [flooding], { stdio: ['pipe', 'pipe', 'inherit'] });
			flooder.stdin?.write(`${JSON.stringify({ identity: network.issue('tools.flooder'), address })}\n`);
			const line = once(createInterface({ input: flooder.stdout as NodeJS.ReadableStream }), 'line');
			await within(line, 'the flood to begin');
			const flooded = await slowestTenth(standing);
			expect(flooded).toBeLessThan(mostTimes[runtime] * Math.max(quiet, leastMs));
			const newcomer = await network.dial(address);
			await new Recorder(newcomer, toolCall({ a: 1 })).response();
			await newcomer.close();
			await standing.close();
			expect(server.alive, server.said).toBe(true);
		} finally {
			flooder?.kill('SIGKILL');
			await server.stop();
		}
	},
	180_000,
);

/** Milliseconds. */
async function slowestTenth(connection: Connection): Promise<number> {
	const took: number[] = [];
	for (let call = 0; call < calls; call++) {
		const began = performance.now();
		await new Recorder(connection, toolCall({ a: call })).response();
		took.push(performance.now() - began);
	}
	return took.sort((a, b) => a - b)[Math.floor(calls * 0.9)] as number;
}
