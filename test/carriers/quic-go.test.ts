import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/runtime/carrier/address.ts';
import type { Listener } from '../../src/runtime/carrier/carrier.ts';
import type { QuicConnection } from '../../src/runtime/carrier/quic/dialling/quic-connection.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { goBinaries, titled } from '../interop/support/go-binaries.ts';
import { GoPeer } from '../interop/support/go-peer.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { SilentHandler } from './handlers.ts';
import { Recorder } from './recorder.ts';

const go = await goBinaries();
const dir = scratchFolder('quic-go');

describe.skipIf(go.missing)(titled('QUIC and the Go SDK', go), () => {
	let peer: GoPeer;
	let identity: Identity;

	beforeAll(async () => {
		peer = new GoPeer(go.peer);
		await peer.ask('certs', { dir, names: ['go'] });
		identity = await ensureIdentity(dir, 'ours');
	});
	afterAll(() => peer?.[Symbol.asyncDispose]());

	describe('a Go server', () => {
		let connection: QuicConnection;

		beforeAll(async () => {
			const { address } = await peer.serve('sdk_serve', { dir, name: 'go' });
			const dialled = await quicCarrier.dial(parseAddress(address), { identity, expectPeer: 'go' });
			connection = dialled as QuicConnection;
		});
		afterAll(() => connection?.close());

		const call = (toolName: string, args: Record<string, number> = {}) =>
			new Recorder(connection, { toolCall: { toolName, arguments: args } });
		const stream = (toolName: string, args: Record<string, number> = {}) =>
			new Recorder(connection, { streamStart: { toolName, arguments: args } });

		test('takes a thousand calls and two hundred streams at once, a hundred at a time', async () => {
			const calls = Array.from({ length: 1000 }, (_, i) => call('echo', { i }));
			const streams = Array.from({ length: 200 }, (_, to) => stream('count', { to }));
			for (const [i, one] of calls.entries()) expect((await one.response()).toolCall?.result).toEqual({ i });
			for (const [to, one] of streams.entries()) {
				expect((await one.response()).streamEnd).toMatchObject({ success: true });
				expect(one.parts).toHaveLength(to);
			}
			expect(connection.streamCounts).toMatchObject({ queued: 0, stopping: 0 });
		});

		test('has all its streams again after a thousand were cancelled', async () => {
			for (let round = 0; round < 10; round++) {
				const cancelled = Array.from({ length: 100 }, (_, i) =>
					i % 2 ? call('slow', { ms: 10 }) : stream('flood', { chunks: 20 }),
				);
				await cancelled[0]?.partsUpTo(1);
				for (const one of cancelled) one.exchange.cancel();
			}
			const all = Array.from({ length: 100 }, () => call('slow', { ms: 100 }));
			for (const one of all) expect((await one.response()).toolCall?.success).toBe(true);
			await expect.poll(() => connection.streamCounts).toEqual({ queued: 0, open: 0, stopping: 0 });
		});
	});

	describe('a Go client', () => {
		let listener: Listener;
		let handler: SilentHandler;
		let client: number;

		beforeAll(async () => {
			handler = new SilentHandler();
			listener = await quicCarrier.listen(
				{ carrier: 'quic', host: '127.0.0.1', port: 0 },
				{
					identity,
					handler: (exchange) => {
						const { toolCall } = exchange.request;
						if (!toolCall) handler.handle(exchange);
						else exchange.finish({ toolCall: { success: true, result: toolCall.arguments ?? {} } });
					},
				},
			);
			client = await peer.dial(dir, 'go-client', `127.0.0.1:${listener.address.port}`);
		});
		afterAll(() => listener?.close());

		test('is served three hundred calls at once', async () => {
			const answers = await Promise.all(
				Array.from({ length: 300 }, (_, i) => peer.call(client, 'echo', { i })),
			);
			expect(answers.map(({ result }) => result?.i)).toEqual(answers.map((_, i) => i));
		});

		test('that cancels a stream on that stream is heard', async () => {
			const request = { requestId: 'r', streamStart: { streamId: 's', toolName: 'ticks' } };
			const reading = peer.stream(client, request, { cancelAfter: 2 });
			const exchange = await handler.reached();
			expect(exchange.peer.name).toBe('go-client');
			// The SDK looks at its context only when a response has come, and not each time.
			for (let sequence = 0; !exchange.cancelled && sequence < 2000; sequence++) {
				await exchange.send({ streamChunk: { streamId: 's', data: new Uint8Array(10), sequence } });
				await new Promise((resolve) => setTimeout(resolve, 2));
			}
			expect(await reading).toHaveLength(2);
			expect((await handler.cancelled()).code).toBe('cancelled');
		});
	});
});
