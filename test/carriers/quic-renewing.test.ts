import { expect, test } from 'vitest';
import type { Connection, ExchangeHandler, Listener } from '../../src/runtime/carrier/carrier.ts';
import type { IncomingExchange } from '../../src/runtime/carrier/incoming-exchange.ts';
import { dialOnce, dialQuic } from '../../src/runtime/carrier/quic/dialling/quic-dial.ts';
import { RenewingConnection } from '../../src/runtime/carrier/quic/dialling/renewing-connection.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { Revocations } from '../../src/runtime/identity/revocations.ts';
import { ChangingIdentity } from '../../src/runtime/identity/sources/identity-source.ts';
import { describeCertificate } from '../../src/runtime/identity/x509/read-certificate.ts';
import type { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { disposeAfterEach } from '../support/dispose-after-each.ts';
import { patienceMs } from '../support/patience.ts';
import { waitUntil } from '../support/wait-until.ts';
import { createNetwork } from './harness.ts';
import { Recorder, toolCall } from './recorder.ts';

const network = createNetwork(quicCarrier, () => Promise.reject(new Error('not used')));
const keep = disposeAfterEach();

async function connect(
	handler: ExchangeHandler,
	limit: number,
): Promise<{ connection: RenewingConnection; listener: Listener; dials: () => number }> {
	const listener = await network.listen(handler);
	let dials = 0;
	const dial = () => {
		dials += 1;
		return dialOnce(listener.address, { identity: network.client });
	};
	const connection = new RenewingConnection(await dial(), dial, { limit });
	keep(listener);
	keep(connection);
	return { connection, listener, dials: () => dials };
}

function call(connection: Connection): Promise<void> {
	return new Promise((resolve, reject) => {
		connection.exchange(toolCall(), { next() {}, done: () => resolve(), fail: reject });
	});
}

/** Calls again and again until something has come about. */
async function callUntil(connection: Connection, done: () => boolean): Promise<void> {
	const end = Date.now() + patienceMs;
	while (!done() && Date.now() < end) await call(connection).catch(() => {});
	expect(done()).toBe(true);
}

const echo: ExchangeHandler = (exchange) => exchange.finish({ toolCall: { success: true } });

test('a connection is replaced after so many exchanges, and no call notices', async () => {
	const { connection, listener, dials } = await connect(echo, 200);
	let left = 2000;
	const worker = async () => {
		while (left-- > 0) await call(connection);
	};
	await Promise.all(Array.from({ length: 32 }, worker));
	expect(dials()).toBeGreaterThan(3);
	await waitUntil(() => connection.retiredCount === 0 && listener.connectionCount === 1);
	expect(connection.open).toBe(true);
});

test('an exchange under way stays on the old connection until its end', async () => {
	const held: IncomingExchange[] = [];
	let hold = true;
	const { connection, dials } = await connect((exchange) => {
		if (hold) held.push(exchange);
		else echo(exchange);
	}, 10);
	const first = new Recorder(connection, toolCall());
	await waitUntil(() => held.length === 1);
	hold = false;
	while (dials() < 2) await call(connection);
	await waitUntil(() => connection.retiredCount === 1);
	held[0]?.finish({ toolCall: { success: true } });
	expect((await first.response()).toolCall?.success).toBe(true);
	await waitUntil(() => connection.retiredCount === 0);
});

test('where no fresh connection can be had, the old one goes on, and somebody hears why', async () => {
	const problems: string[] = [];
	const listener = await network.listen(echo);
	const first = await dialOnce(listener.address, { identity: network.client });
	const connection = new RenewingConnection(first, () => Promise.reject(new Error('no')), {
		limit: 5,
		onProblem: ({ message }) => problems.push(message),
	});
	keep(listener);
	keep(connection);
	for (let i = 0; i < 30; i++) await call(connection);
	expect(connection.open).toBe(true);
	expect(problems[0]).toBe(`the connection to ${connection.peer.address} could not be replaced: no`);
});

test('a connection is replaced with the identity of now, and not to a peer that was revoked meanwhile', async () => {
	const fingerprints = new Set<string | undefined>();
	const listener = await network.listen((exchange) => {
		fingerprints.add(exchange.peer.fingerprint);
		echo(exchange);
	});
	const source = new ChangingIdentity(network.client);
	const problems: OrchestraError[] = [];
	const onProblem = (error: OrchestraError) => problems.push(error);
	const renewed = network.issue(network.client.name);
	const connection = await dialQuic(listener.address, { identity: source, onProblem }, 20);
	keep(listener);
	keep(connection);
	for (let i = 0; i < 10; i++) await call(connection);
	expect(fingerprints.size).toBe(1);
	source.change(renewed);
	await callUntil(connection, () => fingerprints.size === 2);
	expect([...fingerprints][1]).toBe(describeCertificate(renewed.certificatePem).fingerprint);
	const revocations = new Revocations([{ name: 'tools.server', at: '2026-01-02T03:04:05.000Z' }]);
	source.change({ ...renewed, revocations });
	await callUntil(connection, () => !connection.open);
	expect(problems).toMatchObject([{ code: 'peer_revoked' }]);
});

test('the end of the connection in use is the end; that of a replaced one is not', async () => {
	const { connection, listener, dials } = await connect(echo, 5);
	let ended = false;
	connection.closed.then(() => {
		ended = true;
	});
	while (dials() < 2) await call(connection);
	await waitUntil(() => connection.retiredCount === 0);
	await call(connection);
	expect(ended).toBe(false);
	await listener.close();
	await waitUntil(() => ended);
	expect(connection.open).toBe(false);
});
