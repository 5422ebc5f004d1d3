import { once } from 'node:events';
import { expect, test } from 'vitest';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { tcpCarrier } from '../../src/runtime/carrier/tcp/tcp-carrier.ts';
import { encodeRequestFrame } from '../../src/runtime/wire/frame.ts';
import { echo } from '../carriers/handlers.ts';
import { createNetwork } from '../carriers/harness.ts';
import { RawClient as RawQuic } from '../carriers/quic-raw-client.ts';
import { RawClient as RawTcp } from '../carriers/tcp/raw-client.ts';
import { waitUntil } from '../support/wait-until.ts';

const notUsed = () => Promise.reject(new Error('not used'));

test('a QUIC session ticket leads to a full handshake, in which the certificate is shown again', async () => {
	const network = createNetwork(quicCarrier, notUsed);
	const listener = await network.listen(echo);
	const options = { identity: network.client, caPem: network.client.caPem };
	const first = await RawQuic.dial(listener.address, options);
	await first.confirmed();
	await waitUntil(() => first.session !== undefined);
	const session = first.session as Uint8Array;
	const second = await RawQuic.dial(listener.address, { ...options, session });
	await second.confirmed();
	expect(second.driver.native.isResumed()).toBe(false);
	// With the ticket alone nobody gets in.
	const { caPem } = options;
	const stranger = await RawQuic.dial(listener.address, { caPem, session });
	await stranger.ended;
	for (const client of [first, second, stranger]) await client.vanish();
	await listener.close();
});

test('a TLS session over TCP leads to a full handshake, or to none', async () => {
	const network = createNetwork(tcpCarrier, notUsed);
	const listener = await network.listen(echo);
	const first = await RawTcp.connect(listener.address, network.client);
	let session: Buffer | undefined;
	first.socket.on('session', (given) => {
		session = given;
	});
	const request = encodeRequestFrame({
		requestId: 'one',
		toolCall: { toolName: 'echo', arguments: { a: 1 } },
	});
	first.write(request);
	await first.received(1);
	if (session) {
		const second = await RawTcp.connect(listener.address, network.client, { session });
		expect(second.socket.isSessionReused()).toBe(false);
		second.close();
		const { caPem } = network.client;
		const stranger = await RawTcp.connect(listener.address, undefined, { session, caPem });
		stranger.write(request);
		await stranger.gone();
		expect(stranger.responses.filter(({ toolCall }) => toolCall)).toEqual([]);
	}
	const closed = once(first.socket, 'close');
	first.close();
	await closed;
	await listener.close();
});
