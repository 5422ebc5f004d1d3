import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Connection } from '../../../src/runtime/carrier/carrier.ts';
import type { FramedConnection } from '../../../src/runtime/carrier/framed/framed-connection.ts';
import { encodeResponseFrame } from '../../../src/runtime/wire/frame.ts';
import type { PluginRequest } from '../../../src/runtime/wire/generated/messages.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { chunk, streamEnd } from '../handlers.ts';
import type { Network } from '../harness.ts';
import { createHarness } from '../harnesses.ts';
import { Recorder, streamStart, toolCall } from '../recorder.ts';
import { within } from '../within.ts';
import { frameOf, lengthHeader } from './raw-client.ts';
import type { Script } from './scripted-server.ts';
import { alive, startScriptedServer } from './scripted-server.ts';

let network: Network;
let open: (() => Promise<unknown>)[];

beforeAll(async () => {
	network = (await createHarness('tcp')).network as Network;
});

beforeEach(() => {
	open = [];
});

afterEach(async () => {
	for (const close of open.reverse()) await close();
});

async function serve(script: Script) {
	const server = await startScriptedServer(network.server, script);
	open.push(server.close);
	return server;
}

async function connectTo(script: Script): Promise<Connection> {
	const server = await serve(alive(script));
	const connection = await network.dial(server.address);
	open.push(() => connection.close());
	return connection;
}

test('a server that accepts and then says nothing: the dial has a deadline', async () => {
	const server = await serve(() => undefined);
	await expect(network.dial(server.address, { timeoutMs: 200 })).rejects.toMatchObject({
		code: 'deadline_exceeded',
	});
});

test('a server that ends the connection after the handshake has refused us', async () => {
	const server = await serve((_, socket) => socket.end());
	await expect(network.dial(server.address)).rejects.toMatchObject({ code: 'peer_rejected' });
});

test('a dial that is cancelled while it waits for the sign of life', async () => {
	const controller = new AbortController();
	const server = await serve(() => controller.abort());
	await expect(network.dial(server.address, { signal: controller.signal })).rejects.toMatchObject({
		code: 'cancelled',
	});
});

test('a server that talks garbage does not become a connection', async () => {
	const server = await serve((_, socket) => socket.write(lengthHeader(2 ** 32 - 1)));
	await expect(network.dial(server.address)).rejects.toMatchObject({ code: 'message_too_large' });
});

test('late, doubled and unknown responses are dropped and counted', async () => {
	const connection = (await connectTo((request, socket) => {
		const requestId = request.requestId ?? '';
		for (const id of [requestId, requestId, 'nobody']) socket.write(encodeResponseFrame({ requestId: id }));
	})) as FramedConnection;
	const call = new Recorder(connection, toolCall());
	await call.response();
	await waitUntil(() => connection.lateResponses === 2);
	await new Recorder(connection, toolCall()).response();
	expect(call.ends).toBe(1);
});

test('the answer to a cancelled call is dropped and counted, and frees its id', async () => {
	const seen: PluginRequest[] = [];
	const connection = (await connectTo((request, socket) => {
		seen.push(request);
		if (request.streamCancel) socket.write(encodeResponseFrame({ requestId: request.requestId ?? '' }));
	})) as FramedConnection;
	const call = new Recorder(connection, { ...toolCall(), requestId: 'mine' });
	await waitUntil(() => seen.length === 1);
	call.exchange.cancel();
	// Not answered yet: the peer would take a second one for a breach of the protocol.
	const again = new Recorder(connection, { ...toolCall(), requestId: 'mine' });
	expect(again.exchange.requestId).not.toBe('mine');
	await waitUntil(() => connection.lateResponses === 1);
	expect(seen[1]).toMatchObject({ requestId: 'mine', streamCancel: { streamId: 'mine' } });
	expect(new Recorder(connection, { ...toolCall(), requestId: 'mine' }).exchange.requestId).toBe('mine');
});

test.each([
	['garbage', frameOf(Uint8Array.of(255, 255, 255)), 'malformed_message'],
	['a length over the limit', lengthHeader(2 ** 31), 'message_too_large'],
])('%s from the server ends the connection with that reason', async (_, bytes, code) => {
	const connection = await connectTo((_request, socket) => socket.write(bytes));
	const call = new Recorder(connection, toolCall());
	const error = await call.error();
	expect(error).toMatchObject({ code: 'connection_lost', retryable: false });
	expect(await within(connection.closed, 'the connection ends')).toMatchObject({ code });
	expect(connection.open).toBe(false);
});

test('a frame that is cut off by the end of the connection loses it', async () => {
	const connection = await connectTo((_, socket) => {
		socket.write(lengthHeader(100));
		socket.end();
	});
	expect((await new Recorder(connection, toolCall()).error()).code).toBe('connection_lost');
	expect(await connection.closed).toMatchObject({ code: 'malformed_message' });
});

test('a call that never left may be repeated, one that may have left may not', async () => {
	const server = await serve(alive((_, socket) => socket.pause()));
	const connection = await network.dial(server.address);
	open.push(() => connection.close());
	const text = 'x'.repeat(512 * 1024);
	const calls = Array.from({ length: 64 }, () => new Recorder(connection, toolCall({ text })));
	await waitUntil(() => [...server.sockets].some((socket) => socket.isPaused()));
	await new Promise((resolve) => setTimeout(resolve, 50));
	for (const socket of server.sockets) socket.destroy();
	const errors = await Promise.all(calls.map((call) => call.error()));
	expect(new Set(errors.map((error) => error.code))).toEqual(new Set(['connection_lost']));
	expect(errors[0]?.retryable).toBe(false);
	expect(errors.at(-1)?.retryable).toBe(true);
});

test('a server that ignores the window cannot fill the memory', async () => {
	let written = 0;
	const total = 96;
	const connection = await connectTo(async (request, socket) => {
		if (!request.streamStart) return;
		for (let i = 0; i < total && !socket.destroyed; i += 1) {
			const frame = encodeResponseFrame({
				requestId: request.requestId ?? '',
				...chunk(i, new Uint8Array(1024 * 1024)),
			});
			await new Promise((resolve) => socket.write(frame, resolve));
			written += 1;
		}
		socket.write(encodeResponseFrame({ requestId: request.requestId ?? '', ...streamEnd() }));
	});
	const stream = new Recorder(connection, streamStart(), { hold: true, windowBytes: 256 * 1024 });
	// 16 MiB over the window are allowed (one message), then the socket is not read any more.
	await stream.partsUpTo(16);
	let before = -1;
	while (before !== written) {
		before = written;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	expect(stream.parts.length).toBeLessThan(20);
	expect(written).toBeLessThan(total);
	for (let taken = 0; taken < total; taken += 1) {
		const parts = await stream.partsUpTo(taken + 1);
		const part = parts[taken];
		if (part) stream.exchange.consumed(part);
	}
	await stream.response();
});
