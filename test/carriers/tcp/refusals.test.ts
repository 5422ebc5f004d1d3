import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Listener } from '../../../src/runtime/carrier/carrier.ts';
import { assertMutualTls } from '../../../src/runtime/carrier/tcp/tls-options.ts';
import { encodeRequestFrame } from '../../../src/runtime/wire/frame.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { Network } from '../harness.ts';
import { createHarness } from '../harnesses.ts';
import { toolCall } from '../recorder.ts';
import { RawClient } from './raw-client.ts';

let network: Network;
let listener: Listener;
let served = 0;

beforeAll(async () => {
	network = (await createHarness('tcp')).network as Network;
});

beforeEach(async () => {
	served = 0;
	listener = await network.listen((exchange) => {
		served += 1;
		exchange.finish({});
	});
});

afterEach(() => listener.close());

/** Connects like this and sends a request: whatever happens, nobody may serve it. */
async function expectRefused(connecting: Promise<RawClient>): Promise<void> {
	const client = await connecting.catch(() => undefined);
	client?.write(encodeRequestFrame({ requestId: 'r', ...toolCall() }));
	await client?.gone();
	client?.close();
	await waitUntil(() => listener.connectionCount === 0);
	expect(served).toBe(0);
}

test('a client without a certificate is refused', async () => {
	await expectRefused(RawClient.connect(listener.address, undefined, { caPem: network.client.caPem }));
});

test('a client with a certificate of another CA is refused', async () => {
	const identity = { ...network.stranger, caPem: network.client.caPem };
	await expectRefused(RawClient.connect(listener.address, identity));
});

test('a client without a certificate is refused after the listener got a new one, too', async () => {
	listener.setIdentity(network.issue('tools.renewed'));
	await expectRefused(RawClient.connect(listener.address, undefined, { caPem: network.client.caPem }));
});

test('TLS 1.2 is refused', async () => {
	await expectRefused(RawClient.connect(listener.address, network.client, { maxVersion: 'TLSv1.2' }));
});

test('another application protocol is refused', async () => {
	await expectRefused(RawClient.connect(listener.address, network.client, { ALPNProtocols: ['h2'] }));
});

test('no application protocol is refused', async () => {
	await expectRefused(RawClient.connect(listener.address, network.client, { ALPNProtocols: [] }));
});

describe('on Deno', () => {
	test.each(['2.8.3', '2.0.0', '1.46.3'])(
		'%s cannot require certificates: the carrier is not available',
		(version) => {
			expect(() => assertMutualTls(version)).toThrow(
				expect.objectContaining({ code: 'carrier_unavailable' }),
			);
		},
	);

	test.each(['2.9.0', '2.10.1', '3.0.0-rc.1'])('%s can', (version) => {
		expect(() => assertMutualTls(version)).not.toThrow();
	});
});
