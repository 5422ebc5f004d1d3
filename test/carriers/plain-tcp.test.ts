import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Address } from '../../src/runtime/carrier/address.ts';
import type { Connection, ExchangeHandler, Listener } from '../../src/runtime/carrier/carrier.ts';
import { listenPlainWithin, plainTcpCarrier } from '../../src/runtime/carrier/tcp/plain-tcp-carrier.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import {
	decodeRequest,
	decodeResponse,
	encodeRequestFrame,
	encodeResponseFrame,
} from '../../src/runtime/wire/frame.ts';
import { FrameDecoder } from '../../src/runtime/wire/frame-decoder.ts';
import type { PluginResponse } from '../../src/runtime/wire/generated/messages.ts';
import { patienceMs } from '../support/patience.ts';
import { waitUntil } from '../support/wait-until.ts';
import { chunk, echo, SilentHandler, streamEnd } from './handlers.ts';
import { Recorder, streamStart, toolCall } from './recorder.ts';
import { within } from './within.ts';

const identity = issueIdentity(createAuthority(), 'tools.plain');
const anyPort = { carrier: 'tcp+plain', host: '127.0.0.1', port: 0 } as const;
let open: (() => unknown)[];

beforeEach(() => {
	open = [];
});

afterEach(async () => {
	for (const close of open.reverse()) await close();
});

/** @param limitMs how long a client may stand still; short only where a test waits for it */
async function listen(handler: ExchangeHandler, limitMs = patienceMs): Promise<Listener> {
	const limits = { handshakeMs: limitMs, stallMs: limitMs };
	const listener = await listenPlainWithin(anyPort, { identity, handler }, limits);
	open.push(() => listener.close());
	return listener;
}

async function dial(address: Address): Promise<Connection> {
	const connection = await plainTcpCarrier.dial(address, { identity });
	open.push(() => connection.close());
	return connection;
}

/** A server like the Go side's: one request a connection, one response, and it closes. */
async function oneShotServer(answer: (requestId: string, socket: Socket) => void) {
	let connections = 0;
	const server = createServer((socket) => {
		connections += 1;
		const decoder = new FrameDecoder();
		socket.on('error', () => undefined);
		socket.on('data', (bytes) => {
			decoder.push(bytes, (payload) => answer(decodeRequest(payload).requestId ?? '', socket));
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	open.push(() => server.close());
	const { port } = server.address() as { port: number };
	return { address: { ...anyPort, port }, connections: () => connections };
}

test('every call has a connection of its own, the first one that of the dial', async () => {
	const server = await oneShotServer((requestId, socket) => {
		socket.end(encodeResponseFrame({ requestId, toolCall: { success: true, result: { requestId } } }));
	});
	const connection = await dial(server.address);
	expect(connection.peer).toEqual({
		name: '',
		carrier: 'tcp+plain',
		address: `tcp+plain://127.0.0.1:${server.address.port}`,
	});
	for (const id of ['a', 'b', 'c']) {
		const response = await new Recorder(connection, { ...toolCall(), requestId: id }).response();
		expect(response.toolCall?.result).toEqual({ requestId: id });
	}
	expect(server.connections()).toBe(3);
});

test('many calls at once', async () => {
	const listener = await listen(echo);
	const connection = await dial(listener.address);
	const calls = Array.from({ length: 50 }, (_, i) => new Recorder(connection, toolCall({ i })));
	const responses = await Promise.all(calls.map((call) => call.response()));
	expect(responses.map((response) => response.toolCall?.result)).toEqual(calls.map((_, i) => ({ i })));
	await waitUntil(() => listener.connectionCount === 0);
});

test('a server that closes without an answer: connection_lost', async () => {
	const server = await oneShotServer((_, socket) => socket.end());
	const connection = await dial(server.address);
	expect((await new Recorder(connection, toolCall()).error()).code).toBe('connection_lost');
	expect(connection.open).toBe(true);
});

test('a server that answers garbage fails that call', async () => {
	const server = await oneShotServer((_, socket) => socket.end(Buffer.from([0, 0, 0, 2, 255, 255])));
	const connection = await dial(server.address);
	expect((await new Recorder(connection, toolCall()).error()).code).toBe('malformed_message');
});

test('a server that has gone since the dial: unreachable', async () => {
	const listener = await listen(echo);
	const connection = await dial(listener.address);
	await listener.close();
	const [first, second] = [new Recorder(connection, toolCall()), new Recorder(connection, toolCall())];
	expect((await first.error()).code).toMatch(/^(connection_lost|unreachable)$/);
	expect(await second.error()).toMatchObject({ code: 'unreachable', retryable: true });
});

test('a cancel and a deadline end the call, and tell the handler by the end of the connection', async () => {
	const handler = new SilentHandler();
	const listener = await listen(handler.handle);
	const connection = await dial(listener.address);
	const call = new Recorder(connection, toolCall(), { timeoutMs: 100 });
	await handler.reached();
	expect((await call.error()).code).toBe('deadline_exceeded');
	expect((await handler.cancelled()).code).toMatch(/^(deadline_exceeded|connection_lost)$/);
});

test('a slow reader holds the stream back', async () => {
	let produced = 0;
	const listener = await listen(async (exchange) => {
		for (let i = 0; i < 512; i += 1) {
			produced += 1;
			await exchange.send(chunk(i, new Uint8Array(64 * 1024)));
		}
		exchange.finish(streamEnd());
	});
	const connection = await dial(listener.address);
	const stream = new Recorder(connection, streamStart(), { hold: true });
	await stream.partsUpTo(4);
	let before = -1;
	while (before !== produced) {
		before = produced;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	expect(produced).toBeLessThan(400);
	for (let taken = 0; taken < 512; taken += 1) {
		const part = (await stream.partsUpTo(taken + 1))[taken];
		if (part) stream.exchange.consumed(part);
	}
	await stream.response();
});

test('a client like the Go side is answered, and the connection closed', async () => {
	const listener = await listen(echo);
	const socket = connect(listener.address.port, '127.0.0.1');
	const responses: PluginResponse[] = [];
	const decoder = new FrameDecoder();
	socket.on('data', (bytes) => decoder.push(bytes, (payload) => responses.push(decodeResponse(payload))));
	socket.write(encodeRequestFrame({ requestId: 'go', ...toolCall({ n: 1 }) }));
	await within(once(socket, 'end'), 'the listener closes the connection');
	expect(responses).toMatchObject([{ requestId: 'go', toolCall: { result: { n: 1 } } }]);
	await waitUntil(() => listener.connectionCount === 0);
});

test.each([
	['nothing', undefined],
	['half a frame', Buffer.from([0, 0])],
	['a frame without an end', Buffer.from([0, 0, 1, 0, 10])],
])('a client that sends %s is dropped', async (_, bytes) => {
	const listener = await listen(echo, 300);
	const socket = connect(listener.address.port, '127.0.0.1');
	open.push(() => socket.destroy());
	socket.on('error', () => undefined);
	if (bytes) socket.write(bytes);
	socket.resume();
	await within(once(socket, 'close'), 'the listener drops it');
	await waitUntil(() => listener.connectionCount === 0);
});

test.each(['0.0.0.0', '192.0.2.1', 'example.com', '::'])(
	'%s is refused, to dial and to listen',
	async (host) => {
		const address = { ...anyPort, host, port: 9 };
		await expect(plainTcpCarrier.dial(address, { identity })).rejects.toMatchObject({
			code: 'invalid_address',
		});
		await expect(plainTcpCarrier.listen(address, { identity, handler: echo })).rejects.toMatchObject({
			code: 'invalid_address',
		});
	},
);

test('an identity cannot be asked of it', async () => {
	const listener = await listen(echo);
	await expect(
		plainTcpCarrier.dial(listener.address, { identity, expectPeer: 'tools.plain' }),
	).rejects.toMatchObject({ code: 'identity_mismatch' });
});

test('nothing listens, or the port is taken', async () => {
	const listener = await listen(echo);
	await expect(plainTcpCarrier.listen(listener.address, { identity, handler: echo })).rejects.toMatchObject({
		code: 'address_in_use',
	});
	await listener.close();
	await expect(dial(listener.address)).rejects.toMatchObject({ code: 'unreachable' });
});

test('a closed connection takes no calls, and ends those under way', async () => {
	const handler = new SilentHandler();
	const listener = await listen(handler.handle);
	const connection = await dial(listener.address);
	const call = new Recorder(connection, toolCall());
	await handler.reached();
	await connection.close();
	await connection.close();
	expect((await call.error()).code).toBe('connection_closed');
	expect((await new Recorder(connection, toolCall()).error()).code).toBe('connection_closed');
	expect(await connection.closed).toBeUndefined();
});
