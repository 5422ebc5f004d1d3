import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { RenewingConnection } from '../../src/runtime/carrier/quic/dialling/renewing-connection.ts';
import { RetryTokens } from '../../src/runtime/carrier/quic/listening/retry-tokens.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { echo } from './handlers.ts';
import { createNetwork } from './harness.ts';
import { Recorder, toolCall } from './recorder.ts';
import { within } from './within.ts';

const network = createNetwork(quicCarrier, () => Promise.reject(new Error('not used')));

async function freePort(): Promise<number> {
	const socket = createSocket('udp4').bind(0, '127.0.0.1');
	await once(socket, 'listening');
	const { port } = socket.address();
	socket.close();
	await once(socket, 'close');
	return port;
}

async function roundTrip(listenHost: string, dialHost: string): Promise<void> {
	const listener = await quicCarrier.listen(
		{ carrier: 'quic', host: listenHost, port: 0 },
		{ identity: network.server, handler: echo },
	);
	try {
		const connection = await network.dial({ ...listener.address, host: dialHost }, { timeoutMs: 5000 });
		const answer = await new Recorder(connection, toolCall({ a: 1 })).response();
		expect(answer.toolCall?.result).toEqual({ a: 1 });
		await connection.close();
	} finally {
		await listener.close();
	}
}

test('localhost finds a listener on either family', async () => {
	await roundTrip('127.0.0.1', 'localhost');
	await roundTrip('localhost', '127.0.0.1');
	const families = await lookup('localhost', { all: true });
	if (families.some(({ family }) => family === 6)) await roundTrip('::1', 'localhost');
});

test('IPv6', () => roundTrip('::1', '::1'));

test('a listener on every interface', () => roundTrip('0.0.0.0', '127.0.0.1'));

test('a listener on every interface of both families', async () => {
	await roundTrip('::', '::1');
	await roundTrip('::', '127.0.0.1');
});

test('where nothing listens the dial fails at once, long before its deadline', async () => {
	const address = { carrier: 'quic' as const, host: '127.0.0.1', port: await freePort() };
	const dial = network.dial(address, { timeoutMs: 60_000 });
	await within(
		expect(dial).rejects.toMatchObject({ code: 'unreachable', retryable: true }),
		'the refusal',
		5000,
	);
});

test('a host that does not exist is unreachable', async () => {
	const address = { carrier: 'quic' as const, host: 'nowhere.invalid', port: 1 };
	await expect(network.dial(address)).rejects.toMatchObject({ code: 'unreachable' });
});

test('an identity without a certificate, a CA or the right key is refused before it reaches the native code', async () => {
	const address = { carrier: 'quic' as const, host: '127.0.0.1', port: 1 };
	for (const wrong of [
		{ certificatePem: '' },
		{ caPem: '' },
		{ privateKeyPem: network.server.privateKeyPem },
	]) {
		const identity = { ...network.client, ...wrong };
		await expect(network.dial(address, { identity })).rejects.toMatchObject({ code: 'certificate_invalid' });
	}
});

test('who falls silent for a while is still there afterwards', async () => {
	const listener = await network.listen(echo);
	const connection = (await network.dial(listener.address)) as RenewingConnection;
	await new Recorder(connection, toolCall()).response();
	// Nothing keeps the two apart but time: what is left to do is acknowledgements and timers.
	await new Promise((resolve) => setTimeout(resolve, 300));
	await new Recorder(connection, toolCall()).response();
	expect(connection.open).toBe(true);
	await connection.close();
	await listener.close();
});

test('a retry token is good for the address, the id and the time it was made for', () => {
	const tokens = new RetryTokens();
	const [original, id] = [Buffer.from('original'), Buffer.from('new id..')];
	const from = { host: '127.0.0.1', port: 5000 };
	const token = tokens.issue(original, id, from, 1000);
	expect(tokens.redeem(token, id, from, 2000)).toEqual(original);
	expect(tokens.redeem(token, id, { ...from, port: 5001 }, 2000)).toBeUndefined();
	expect(tokens.redeem(token, Buffer.from('other id'), from, 2000)).toBeUndefined();
	expect(tokens.redeem(token, id, from, 20_000)).toBeUndefined();
	expect(tokens.redeem(token, id, from, 0)).toBeUndefined();
	expect(new RetryTokens().redeem(token, id, from, 2000)).toBeUndefined();
	for (let at = 0; at < token.length; at++) {
		const changed = Buffer.from(token);
		changed[at] = (changed[at] ?? 0) ^ 1;
		expect(tokens.redeem(changed, id, from, 2000)).toBeUndefined();
	}
	expect(tokens.redeem(Buffer.alloc(3), id, from, 2000)).toBeUndefined();
});
