import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ExchangeHandler, Listener } from '../../../src/runtime/carrier/carrier.ts';
import { listenTcp } from '../../../src/runtime/carrier/tcp/listen-tcp.ts';
import type { ListenerTimeouts } from '../../../src/runtime/carrier/tcp/tcp-listener.ts';
import { encodeRequestFrame, encodeResponseFrame } from '../../../src/runtime/wire/frame.ts';
import { maxMessageBytes } from '../../../src/runtime/wire/limits.ts';
import { patienceMs } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { chunk, echo, SilentHandler, streamEnd } from '../handlers.ts';
import type { Network } from '../harness.ts';
import { createHarness } from '../harnesses.ts';
import { Recorder, streamStart, toolCall } from '../recorder.ts';
import { within } from '../within.ts';
import { frameOf, lengthHeader, RawClient } from './raw-client.ts';

let network: Network;
let listener: Listener;
let silent: SilentHandler;
let open: (() => unknown)[];

/** `silent` calls are never answered, streams go on for ever, everything else is echoed. */
const handler: ExchangeHandler = (exchange) => {
	const { toolCall: call, streamStart: stream } = exchange.request;
	if (call?.toolName === 'silent') silent.handle(exchange);
	else if (stream) void endless(exchange);
	else {
		echoed += 1;
		echo(exchange);
	}
};

let produced = 0;
let echoed = 0;
async function endless(exchange: Parameters<ExchangeHandler>[0]): Promise<void> {
	for (let sequence = 0; !exchange.cancelled; sequence += 1) {
		const room = exchange.send(chunk(sequence, new Uint8Array(64 * 1024)));
		produced += 64 * 1024;
		await (room ?? new Promise((resolve) => setImmediate(resolve)));
	}
	exchange.finish(streamEnd());
}

beforeAll(async () => {
	network = (await createHarness('tcp')).network as Network;
});

beforeEach(async () => {
	open = [];
	produced = 0;
	echoed = 0;
	silent = new SilentHandler();
	await listen();
});

/** Listens, with limits that no client reaches unless it stands still for ever; a test that waits for one says it. */
async function listen(limits: ListenerTimeouts = {}): Promise<void> {
	listener = await listenTcp(
		{ carrier: 'tcp', host: '127.0.0.1', port: 0 },
		{ identity: network.server, handler },
		{ handshakeMs: patienceMs, stallMs: patienceMs, ...limits },
	);
}

async function listenAnew(limits: ListenerTimeouts): Promise<void> {
	await listener.close();
	await listen(limits);
}

afterEach(async () => {
	for (const close of open) await close();
	await within(listener.close(), 'the listener closes, whatever its clients do');
	expect(listener.connectionCount).toBe(0);
});

async function rawClient(options?: { read?: boolean }): Promise<RawClient> {
	const client = await RawClient.connect(listener.address, network.client, options);
	open.push(() => client.close());
	return client;
}

/** Whether an ordinary client is still served. */
async function expectServed(): Promise<void> {
	const connection = await network.dial(listener.address);
	await new Recorder(connection, toolCall({ n: 1 })).response();
	await connection.close();
}

test.each([
	['one byte more than 16 MiB', maxMessageBytes + 1],
	['2^32 - 1 bytes', 2 ** 32 - 1],
])('a header that announces %s ends the connection, with the reason', async (_, length) => {
	const client = await rawClient();
	client.write(lengthHeader(length));
	const [response] = await client.received(1);
	expect(response?.error?.code).toBe('message_too_large');
	expect(response?.requestId ?? '').toBe('');
	await client.gone();
	await expectServed();
});

test('a message of no bytes is a request without an id, of an unknown kind', async () => {
	const client = await rawClient();
	client.write(lengthHeader(0));
	expect(await client.received(1)).toHaveLength(1);
	client.write(encodeRequestFrame({ requestId: 'r', ...toolCall({ n: 2 }) }));
	const [, second] = await client.received(2);
	expect(second?.toolCall?.result).toEqual({ n: 2 });
});

test('requests without an id are served, one at a time', async () => {
	const client = await rawClient();
	const request = encodeRequestFrame({ ...toolCall({}, 'silent'), requestId: '' });
	client.write(request);
	await silent.reached();
	client.write(request);
	const [response] = await client.received(1);
	expect(response?.error?.code).toBe('malformed_message');
	await client.gone();
});

test('a frame that is cut off by the end of the stream ends the connection, with the reason', async () => {
	const client = await rawClient();
	const frame = encodeRequestFrame({ requestId: 'r', ...toolCall({ n: 1 }) });
	client.write(frame, frame.subarray(0, 9));
	client.socket.end();
	const responses = await client.received(2);
	expect(responses.map((response) => response.error?.code)).toEqual([undefined, 'malformed_message']);
	await client.gone();
	await waitUntil(() => listener.connectionCount === 0);
});

test('a client that stops inside a frame is dropped after a while', async () => {
	await listenAnew({ stallMs: 400 });
	const client = await rawClient();
	client.write(encodeRequestFrame({ requestId: 'r', ...toolCall({}) }), lengthHeader(1000));
	const [, last] = await client.received(2);
	expect(last?.error?.code).toBe('malformed_message');
	await client.gone();
});

test('a server that stood still reads what came meanwhile before it drops a client', async () => {
	const stallMs = 400;
	await listenAnew({ stallMs });
	const client = await rawClient();
	const frame = encodeRequestFrame({ requestId: 'r', ...toolCall({ text: 'whole' }) });
	client.write(frame, frame.subarray(0, 9));
	await client.received(1);
	client.write(frame.subarray(9));
	const until = performance.now() + 2 * stallMs;
	while (performance.now() < until);
	const [, second] = await client.received(2);
	expect(second?.toolCall?.result).toEqual({ text: 'whole' });
});

test('a request that comes byte by byte is served', async () => {
	const client = await rawClient();
	for (const byte of encodeRequestFrame({ requestId: 'r', ...toolCall({ text: 'byte by byte' }) })) {
		client.write(Uint8Array.of(byte));
		await new Promise((resolve) => setImmediate(resolve));
	}
	const [response] = await client.received(1);
	expect(response?.toolCall?.result).toEqual({ text: 'byte by byte' });
});

test('garbage ends its own connection, with the reason, and cancels what was under way', async () => {
	const client = await rawClient();
	client.write(encodeRequestFrame({ requestId: 'r', ...toolCall({}, 'silent') }));
	await silent.reached();
	client.write(frameOf(Uint8Array.from({ length: 100 }, (_, i) => 255 - i)));
	const [response] = await client.received(1);
	expect(response?.error?.code).toBe('malformed_message');
	expect((await silent.cancelled()).code).toBe('connection_lost');
	await client.gone();
	await expectServed();
});

test('the client learns of its own fault as the reason of the end', async () => {
	const connection = await network.dial(listener.address);
	open.push(() => connection.close());
	const call = new Recorder(connection, toolCall({}, 'silent'));
	await silent.reached();
	// Through the back door: an honest client never sends this.
	(connection as unknown as { send(frame: Uint8Array): void }).send(frameOf(Uint8Array.of(255, 255)));
	expect((await call.error()).code).toBe('connection_lost');
	expect(await within(connection.closed, 'the connection ends')).toMatchObject({ code: 'malformed_message' });
});

test('response fields in a request do no harm', async () => {
	const client = await rawClient();
	const responses = [
		{ toolCall: { success: true, result: { n: 1 } } },
		{ streamChunk: { streamId: 's', data: new Uint8Array(10), sequence: 3 } },
		{ error: { code: 'handler_error', message: 'm' } },
		{ listTools: { tools: [{ name: 't' }] } },
	];
	for (const [i, response] of responses.entries()) {
		client.write(encodeResponseFrame({ requestId: `r${i}`, ...response }));
	}
	await Promise.race([client.received(responses.length), client.ended]);
	await expectServed();
});

test('a second request with the id of one under way ends the connection', async () => {
	const client = await rawClient();
	const request = encodeRequestFrame({ requestId: 'twice', ...toolCall({}, 'silent') });
	client.write(request, request);
	const [response] = await client.received(1);
	expect(response?.error).toMatchObject({ code: 'malformed_message' });
	expect(response?.error?.message).toContain('twice');
	expect((await silent.cancelled()).code).toBe('connection_lost');
	await client.gone();
});

test('an id may be used again once it was answered', async () => {
	const client = await rawClient();
	for (const n of [1, 2, 3]) {
		client.write(encodeRequestFrame({ requestId: 'again', ...toolCall({ n }) }));
		const responses = await client.received(n);
		expect(responses[n - 1]?.toolCall?.result).toEqual({ n });
	}
});

test('credit and cancels for nothing are ignored', async () => {
	const client = await rawClient();
	client.write(
		encodeRequestFrame({ requestId: 'nobody', streamCredit: { bytes: 1000 } }),
		encodeRequestFrame({ requestId: 'nobody', streamCancel: { streamId: 'nobody' } }),
		encodeRequestFrame({ requestId: 'r', ...toolCall({ n: 1 }) }),
	);
	const [response] = await client.received(1);
	expect(response?.requestId).toBe('r');
});

test('a client is held to what it said of its silence, and one that said nothing is left alone', async () => {
	const core = await rawClient();
	core.write(encodeRequestFrame({ requestId: 'life', streamCredit: {} }));
	core.write(encodeRequestFrame({ requestId: 'waits', ...toolCall({}, 'silent') }));
	await silent.reached();
	const client = await rawClient();
	const silenceMs = 1000;
	client.write(encodeRequestFrame({ requestId: 'life', streamCredit: { silenceMs } }));
	client.write(encodeRequestFrame({ requestId: 'waits', ...toolCall({}, 'silent') }));
	await silent.reached(2);
	let lastWord = 0;
	for (let n = 0; n < 4; n += 1) {
		await new Promise((resolve) => setTimeout(resolve, 50));
		lastWord = performance.now();
		client.write(encodeRequestFrame({ requestId: `n${n}`, ...toolCall({ n }) }));
	}
	await client.received(5);
	await client.gone();
	// Each word began its time anew.
	expect(performance.now() - lastWord).toBeGreaterThanOrEqual(silenceMs - 1);
	expect(silent.exchanges[1]?.cancelled?.code).toBe('connection_lost');
	expect(silent.exchanges[0]?.cancelled).toBeUndefined();
	core.write(encodeRequestFrame({ requestId: 'still', ...toolCall({ n: 1 }) }));
	await core.received(2);
});

test('a cancel finds its stream by the stream id too', async () => {
	const client = await rawClient();
	client.write(encodeRequestFrame({ requestId: 'r', ...streamStart(), streamWindow: 1 }));
	await client.received(1);
	client.write(encodeRequestFrame({ requestId: 'another', streamCancel: { streamId: 's' } }));
	await waitUntil(() => client.responses.some((response) => response.streamEnd));
});

test('more credit than was used does not open the window for ever', async () => {
	const client = await rawClient();
	client.write(encodeRequestFrame({ requestId: 'r', ...streamStart(), streamWindow: 128 * 1024 }));
	await client.received(2);
	client.write(encodeRequestFrame({ requestId: 'r', streamCredit: { bytes: 2 ** 32 - 1 } }));
	await client.received(4);
	// A call that is answered now was behind whatever the stream could send.
	for (let i = 0; i < 5; i += 1) {
		client.write(encodeRequestFrame({ requestId: `call${i}`, ...toolCall() }));
		await waitUntil(() => client.responses.some((response) => response.requestId === `call${i}`));
	}
	expect(produced).toBe(4 * 64 * 1024);
});

test('a client that sends one request and ends its half is answered, then the connection ends', async () => {
	const client = await rawClient();
	client.write(encodeRequestFrame({ requestId: 'only', ...toolCall({ n: 1 }) }));
	client.socket.end();
	const [response] = await client.received(1);
	expect(response?.toolCall?.result).toEqual({ n: 1 });
	await client.gone();
	await waitUntil(() => listener.connectionCount === 0);
});

test('the answer to such a client may take its time', async () => {
	const client = await rawClient();
	client.write(encodeRequestFrame({ requestId: 'only', ...toolCall({ n: 1 }, 'silent') }));
	const served = await silent.reached();
	client.socket.end();
	await new Promise((resolve) => setTimeout(resolve, 50));
	expect(served.cancelled).toBeUndefined();
	echo(served);
	const [response] = await client.received(1);
	expect(response?.toolCall?.result).toEqual({ n: 1 });
	await client.gone();
});

test('a client that sends one request, reads the answer and closes is served', async () => {
	for (let i = 0; i < 3; i += 1) {
		const client = await rawClient();
		client.write(encodeRequestFrame({ requestId: 'same', ...toolCall({ i }) }));
		const [response] = await client.received(1);
		expect(response?.toolCall?.result).toEqual({ i });
		client.close();
	}
	await waitUntil(() => listener.connectionCount === 0);
});

test('a client that never reads is not read from any more, and dropped after a while', async () => {
	await listenAnew({ stallMs: 400 });
	const client = await rawClient({ read: false });
	client.socket.pause();
	const text = 'x'.repeat(64 * 1024);
	// One after the other, as fast as they are taken, up to 64 MiB.
	let sent = 0;
	const pump = () => {
		sent += 1;
		const frame = encodeRequestFrame({ requestId: `r${sent}`, ...toolCall({ text }) });
		client.socket.write(frame, (error) => {
			if (!error && sent < 1000) pump();
		});
	};
	pump();
	await waitUntil(() => echoed > 0 && listener.connectionCount === 0);
	// What was answered filled the kernel's buffers and ours, and no more was read.
	expect(echoed * text.length).toBeLessThan(32 * 1024 * 1024);
	await expectServed();
});

test('a stream without a window, to a client that never reads, is held back by the socket', async () => {
	await listenAnew({ stallMs: 400 });
	const client = await rawClient({ read: false });
	client.socket.pause();
	client.write(encodeRequestFrame({ requestId: 'r', ...streamStart() }));
	await waitUntil(() => produced > 0 && listener.connectionCount === 0);
	expect(produced).toBeLessThan(32 * 1024 * 1024);
});

test('a client that finishes the handshake and sends nothing is dropped', async () => {
	// The handshake has to come to its end in that time, too.
	await listenAnew({ handshakeMs: 1000 });
	const client = await rawClient();
	await client.gone();
	await waitUntil(() => listener.connectionCount === 0);
});

test.each([
	['nothing', undefined],
	['garbage', Buffer.from('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')],
	['half a ClientHello', Buffer.from([22, 3, 1, 2, 0, 1])],
])('a TCP client that sends %s instead of a handshake is dropped', async (_, bytes) => {
	await listenAnew({ handshakeMs: 1000 });
	const socket = connect(listener.address.port, '127.0.0.1');
	open.push(() => socket.destroy());
	socket.on('error', () => undefined);
	await once(socket, 'connect');
	if (bytes) socket.write(bytes);
	socket.resume();
	await within(once(socket, 'close'), 'the listener drops it');
	expect(listener.connectionCount).toBe(0);
	await expectServed();
});

test('a listener closes while handshakes are under way', async () => {
	const socket = connect(listener.address.port, '127.0.0.1');
	open.push(() => socket.destroy());
	socket.on('error', () => undefined);
	await once(socket, 'connect');
	socket.resume();
	await within(listener.close({ graceMs: 600_000 }), 'the listener closes');
});
