import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { encodeRequestFrame } from '../../../src/runtime/wire/frame.ts';
import { runtimeCommand } from '../../support/runtime-command.ts';
import type { Network } from '../harness.ts';
import { createHarness } from '../harnesses.ts';
import { Recorder, toolCall } from '../recorder.ts';
import { within } from '../within.ts';
import { RawClient } from './raw-client.ts';

test('a listener on Deno stops reading from a client that never reads, and drops it', async () => {
	const network = (await createHarness('tcp')).network as Network;
	const program = fileURLToPath(new URL('./deno-server.ts', import.meta.url));
	const deno = spawn(...runtimeCommand('deno', program), { stdio: ['pipe', 'pipe', 'inherit'] });
	const exited = once(deno, 'exit');
	try {
		deno.stdin.write(`${JSON.stringify(network.server)}\n`);
		const line = once(createInterface({ input: deno.stdout }), 'line');
		const [port] = await within(line, 'the listener on Deno is ready');
		const address = { carrier: 'tcp', host: '127.0.0.1', port: Number(port) } as const;
		const connection = await network.dial(address);
		await new Recorder(connection, toolCall({ n: 1 })).response();
		await connection.close();

		const client = await RawClient.connect(address, network.client, { read: false });
		client.socket.pause();
		const frame = encodeRequestFrame({ requestId: 'r', ...toolCall({ text: 'x'.repeat(64 * 1024) }) });
		let taken = 0;
		// One after the other: what is written at once is called back at once.
		const pump = () => {
			client.socket.write(frame, (error) => {
				if (error) return;
				taken += frame.length;
				if (taken < 64 * 1024 * 1024) pump();
			});
		};
		pump();
		await client.gone();
		client.close();
		expect(taken).toBeGreaterThan(1024 * 1024);
		expect(taken).toBeLessThan(32 * 1024 * 1024);
	} finally {
		deno.stdin.end();
		await within(exited, 'Deno ends');
	}
});
