import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Listener } from '../../src/runtime/carrier/carrier.ts';
import type { IncomingExchange } from '../../src/runtime/carrier/incoming-exchange.ts';
import { shutdownRead, shutdownWrite } from '../../src/runtime/carrier/quic/native/quiche.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { decodeResponse, encodeRequestFrame } from '../../src/runtime/wire/frame.ts';
import { echo, SilentHandler } from './handlers.ts';
import { createNetwork } from './harness.ts';
import { RawClient, type RawOptions } from './quic-raw-client.ts';
import { Recorder, toolCall } from './recorder.ts';
import { within } from './within.ts';

const network = createNetwork(quicCarrier, () => Promise.reject(new Error('not used')));
let listener: Listener;
let serve: (exchange: IncomingExchange) => void;
let clients: RawClient[];

beforeEach(async () => {
	serve = echo;
	clients = [];
	listener = await network.listen((exchange) => serve(exchange));
});

afterEach(async () => {
	for (const client of clients) await client.vanish();
	await listener.close();
});

async function raw(options: Partial<RawOptions> = {}): Promise<RawClient> {
	const identity = network.client;
	const client = await RawClient.dial(listener.address, { identity, caPem: identity.caPem, ...options });
	clients.push(client);
	return client;
}

async function expectServing(): Promise<void> {
	const connection = await network.dial(listener.address, { expectPeer: 'tools.server' });
	await new Recorder(connection, toolCall({ a: 1 })).response();
	await connection.close();
}

/** Sends datagrams from a socket of their own; gives what comes back within a moment, or until it is enough. */
async function exchangeDatagrams(
	datagrams: Uint8Array[],
	waitMs = 50,
	enough: (answers: Buffer[]) => boolean = () => false,
): Promise<Buffer[]> {
	const socket = createSocket('udp4');
	const answers: Buffer[] = [];
	socket.on('message', (answer) => answers.push(answer));
	socket.bind(0, '127.0.0.1');
	await once(socket, 'listening');
	const { host, port } = listener.address;
	for (const datagram of datagrams) {
		await new Promise((resolve) => socket.send(datagram, port, host, resolve));
	}
	const end = performance.now() + waitMs;
	do await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, 50)));
	while (performance.now() < end && !enough(answers));
	socket.close();
	await once(socket, 'close');
	return answers;
}

/** The start of a connection, as far as it is not encrypted. */
function initialPacket(version: number, bytes = 1200): Buffer {
	const header = Buffer.alloc(5);
	header.writeUInt8(0xc3, 0);
	header.writeUInt32BE(version, 1);
	const ids = Buffer.concat([Buffer.of(8), randomBytes(8), Buffer.of(8), randomBytes(8)]);
	return Buffer.concat([header, ids, Buffer.of(0, 0x44, 0x90), randomBytes(bytes)]).subarray(0, bytes);
}

test('a client without a certificate is refused', async () => {
	const { identity: _, ...anonymous } = { identity: network.client, caPem: network.client.caPem };
	const client = await RawClient.dial(listener.address, anonymous);
	clients.push(client);
	expect(await within(client.ended, 'the refusal')).toMatchObject({
		by: 'peer',
		error: { isApp: false, errorCode: 0x100 + 116 },
	});
	expect(listener.connectionCount).toBe(0);
	await expectServing();
});

test('a client with a certificate of another CA is refused', async () => {
	const client = await raw({ identity: network.stranger });
	expect(await within(client.ended, 'the refusal')).toMatchObject({ by: 'peer', error: { isApp: false } });
	expect(listener.connectionCount).toBe(0);
});

test('a client that speaks another protocol is refused', async () => {
	const client = await raw({ protocols: ['h3'] });
	expect(await within(client.ended, 'the refusal')).toMatchObject({
		by: 'peer',
		error: { isApp: false, errorCode: 0x100 + 120 },
	});
});

test('the dialler tells which alert refused its certificate', async () => {
	const identity = { ...network.stranger, caPem: network.client.caPem };
	await expect(network.dial(listener.address, { identity })).rejects.toMatchObject({
		code: 'peer_rejected',
		details: { tlsAlert: 'unknown_ca' },
	});
});

test('whatever datagrams come, the listener goes on', async () => {
	const bytes = fc.oneof(
		fc.uint8Array({ maxLength: 1500 }),
		fc.uint8Array({ minLength: 1200, maxLength: 1400 }).map((rest) => {
			const packet = initialPacket(1, 1400);
			packet.set(rest.subarray(0, 600), 40);
			return packet;
		}),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(bytes, { maxLength: 20 }), async (datagrams) => {
			await exchangeDatagrams(datagrams, 0);
		}),
		{ numRuns: 30 },
	);
	expect(listener.connectionCount).toBe(0);
	await expectServing();
});

test('an unknown version is answered with the known ones, a short datagram with nothing', async () => {
	const any = (answers: Buffer[]) => answers.length > 0;
	const [answer] = await exchangeDatagrams([initialPacket(0x1a2a3a4a)], 10_000, any);
	expect(answer?.readUInt32BE(1)).toBe(0);
	expect(await exchangeDatagrams([initialPacket(0x1a2a3a4a, 1199), initialPacket(1, 1199)])).toEqual([]);
});

test('where many handshakes hang, clients have to prove their address, and then get in', async () => {
	// Each from a socket of its own, as from a spoofed address, and with the keys of a real handshake.
	const half = await Promise.all(Array.from({ length: 70 }, () => raw()));
	for (const client of half) client.driver.abandon();
	const flood = Array.from({ length: 80 }, () => initialPacket(1, 1350));
	// Long header, type Retry.
	const asksToRetry = (answers: Buffer[]) => answers.some((answer) => (answer.readUInt8(0) & 0xf0) === 0xf0);
	expect(asksToRetry(await exchangeDatagrams(flood, 10_000, asksToRetry))).toBe(true);
	await expectServing();
});

test('bytes that are no request are answered with a typed error, and the connection goes on', async () => {
	const client = await raw();
	await client.established;
	client.send(0, Buffer.from('00000003ffffff', 'hex'), true);
	expect(decodeResponse(await client.frame(0)).error).toMatchObject({ code: 'malformed_message' });
	client.send(4, Buffer.from('ffffffff00', 'hex'));
	expect(decodeResponse(await client.frame(4)).error).toMatchObject({ code: 'message_too_large' });
	// More of it is not taken for requests.
	client.send(4, encodeRequestFrame({ requestId: 'x', ...toolCall() }), true);
	client.send(8, encodeRequestFrame({ requestId: 'ok', ...toolCall() }), true);
	expect(decodeResponse(await client.frame(8)).requestId).toBe('ok');
	expect(client.frames.get(4)).toHaveLength(1);
});

test('a request that comes byte by byte, and a stream that ends inside one', async () => {
	const client = await raw();
	await client.established;
	const frame = encodeRequestFrame({ requestId: 'slow', ...toolCall({ a: 1 }) });
	for (const byte of frame) {
		client.send(0, Uint8Array.of(byte));
		await new Promise((resolve) => setImmediate(resolve));
	}
	expect(decodeResponse(await client.frame(0)).requestId).toBe('slow');
	client.send(4, frame.subarray(0, 5), true);
	client.send(8, frame, true);
	await client.frame(8);
	await client.end(4);
	expect(client.frames.get(4) ?? []).toHaveLength(0);
});

test('the last frame of a response ends the stream, though the client keeps its half open', async () => {
	const client = await raw();
	await client.established;
	client.send(0, encodeRequestFrame({ requestId: 'a', ...toolCall() }));
	await client.frame(0);
	await client.end(0);
});

test.each([
	['as a second message on the stream', (client: RawClient) => cancelOn(client, 0, 's')],
	['on another stream, by the stream id', (client: RawClient) => cancelOn(client, 4, 's')],
	['on another stream, by the request id', (client: RawClient) => cancelOn(client, 4, 'r')],
])('a cancel message %s reaches the handler, who still has the last word', async (_, cancel) => {
	const handler = new SilentHandler();
	serve = handler.handle;
	const client = await raw();
	await client.established;
	client.send(0, encodeRequestFrame({ requestId: 'r', streamStart: { streamId: 's', toolName: 't' } }));
	const exchange = await handler.reached();
	cancel(client);
	expect((await handler.cancelled()).code).toBe('cancelled');
	exchange.finish({ streamEnd: { streamId: 's', success: false, errorCode: 'cancelled' } });
	expect(decodeResponse(await client.frame(0)).streamEnd).toMatchObject({ errorCode: 'cancelled' });
});

function cancelOn(client: RawClient, streamId: number, id: string): void {
	client.send(streamId, encodeRequestFrame({ requestId: 'c', streamCancel: { streamId: id } }));
}

test('a cancel of something unknown, or of another connection, does nothing', async () => {
	const handler = new SilentHandler();
	serve = handler.handle;
	const [one, other] = [await raw(), await raw()];
	await Promise.all([one.established, other.established]);
	one.send(0, encodeRequestFrame({ requestId: 'r', streamStart: { streamId: 's', toolName: 't' } }), true);
	const exchange = await handler.reached();
	cancelOn(other, 0, 's');
	cancelOn(one, 4, 'another');
	await Promise.all([other.end(0), one.end(4)]);
	expect(exchange.cancelled).toBeUndefined();
});

test.each([
	['stops the answer', shutdownRead],
	['resets the request', shutdownWrite],
])('a client that %s cancels the handler', async (_, half) => {
	const handler = new SilentHandler();
	serve = handler.handle;
	const client = await raw();
	await client.established;
	client.send(0, encodeRequestFrame({ requestId: 'r', ...toolCall() }));
	await handler.reached();
	client.shutdown(0, half);
	expect((await handler.cancelled()).code).toBe('cancelled');
});

test('a client that hangs up in a packet behind one of the handshake, whose keys are forgotten, is heard', async () => {
	const handler = new SilentHandler();
	serve = handler.handle;
	const client = await raw();
	await client.confirmed();
	client.send(4, encodeRequestFrame({ requestId: 'r', ...toolCall() }));
	await handler.reached();
	const { native } = client.driver;
	native.close(true, 0, Buffer.from('bye'));
	const farewell = Buffer.alloc(1350);
	const sent = native.send(farewell);
	client.sendDatagram(Buffer.concat([handshakePacket(client), farewell.subarray(0, sent?.[0] ?? 0)]));
	expect((await handler.cancelled()).message).toMatch(/closed the connection$/);
});

/** A packet of the handshake of QUIC 1 that nobody can decrypt: its header and 40 bytes. */
function handshakePacket({ destinationId }: RawClient): Buffer {
	const header = Buffer.from([0xe0, 0, 0, 0, 1, destinationId.length, ...destinationId, 0, 40]);
	return Buffer.concat([header, randomBytes(40)]);
}

test('a client that falls silent is lost after its idle timeout', async () => {
	const handler = new SilentHandler();
	serve = handler.handle;
	const client = await raw({ idleMs: 1500 });
	await client.established;
	client.send(0, encodeRequestFrame({ requestId: 'r', ...toolCall() }), true);
	await handler.reached();
	await client.vanish();
	expect((await handler.cancelled()).code).toBe('connection_lost');
	expect(listener.connectionCount).toBe(0);
});
