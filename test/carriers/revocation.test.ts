import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Connection, Listener } from '../../src/runtime/carrier/carrier.ts';
import { closeWhenRevoked } from '../../src/runtime/carrier/close-when-revoked.ts';
import { dial } from '../../src/runtime/carrier/network-carrier.ts';
import type { Peer } from '../../src/runtime/carrier/peer.ts';
import type { Identity } from '../../src/runtime/identity/identity.ts';
import { Revocations } from '../../src/runtime/identity/revocations.ts';
import { ChangingIdentity } from '../../src/runtime/identity/sources/identity-source.ts';
import { createAuthority, issueIdentity } from '../../src/runtime/identity/x509/issue.ts';
import type { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { daysFromNow } from '../identity/fixtures/at-time.ts';
import { waitUntil } from '../support/wait-until.ts';
import { echo, SilentHandler } from './handlers.ts';
import type { Network } from './harness.ts';
import { createHarness, harnessNames } from './harnesses.ts';
import { Recorder, toolCall } from './recorder.ts';
import { within } from './within.ts';

const at = '2026-01-02T03:04:05.000Z';
/** Those with certificates. */
const carriers = (['tcp', 'quic'] as const).filter((name) => harnessNames.includes(name));

function revoking(identity: Identity, ...names: string[]): Identity {
	return { ...identity, revocations: new Revocations(names.map((name) => ({ name, at, reason: 'stolen' }))) };
}

async function faultOf(call: Promise<unknown>): Promise<OrchestraError> {
	return (await within(
		call.then(
			() => new Error('it succeeded'),
			(error: unknown) => error,
		),
		'the call ends',
	)) as OrchestraError;
}

describe.each(carriers)('over %s', (carrier) => {
	let network: Network;
	let listener: Listener | undefined;
	let connections: Connection[] = [];

	beforeEach(async () => {
		network = (await createHarness(carrier)).network as Network;
		connections = [];
	});
	afterEach(async () => {
		for (const connection of connections) await connection.close();
		await listener?.close();
	});

	async function connect(identity = network.client): Promise<Connection> {
		if (!listener) throw new Error('nothing listens');
		const connection = await dial(listener.address, { identity });
		connections.push(connection);
		return connection;
	}

	test('a client that is revoked is told so, and the server hears of it', async () => {
		const refused: [Peer, OrchestraError][] = [];
		listener = await network.listen(() => expect.unreachable('it was served'), {
			identity: revoking(network.server, 'tools.client'),
			onRefused: (peer, reason) => refused.push([peer, reason]),
		});
		const error = await faultOf(connect());
		expect(error).toMatchObject({ code: 'certificate_revoked', hint: expect.any(String) });
		expect(error.message).toContain('revoked');
		expect(refused).toHaveLength(1);
		expect(refused[0]?.[0].name).toBe('tools.client');
		expect(refused[0]?.[1].message).toContain('(stolen)');
		await waitUntil(() => listener?.connectionCount === 0);
	});

	test('connections that stand are closed at once, with what is under way; those of others are not', async () => {
		const handler = new SilentHandler();
		listener = await network.listen(handler.handle);
		const bad = await connect();
		const good = await connect(network.issue('tools.friend'));
		const [badCall, goodCall] = [new Recorder(bad, toolCall()), new Recorder(good, toolCall())];
		await handler.reached(2);
		listener.setIdentity(revoking(network.server, 'tools.client'));
		expect(await within(badCall.error(), 'the call fails')).toMatchObject({ code: 'certificate_revoked' });
		await within(bad.closed, 'the connection ends');
		expect(bad.open).toBe(false);
		expect(good.open).toBe(true);
		for (const exchange of handler.exchanges) echo(exchange);
		await goodCall.response();
		expect(await faultOf(connect())).toMatchObject({ code: 'certificate_revoked' });
		listener.setIdentity(network.server);
		expect((await connect()).open).toBe(true);
	});

	test('a server that is revoked is not called, and a connection to it is closed', async () => {
		listener = await network.listen(new SilentHandler().handle);
		expect(await faultOf(connect(revoking(network.client, 'tools.server')))).toMatchObject({
			code: 'peer_revoked',
			message: expect.stringContaining('(stolen)'),
			hint: expect.stringContaining('--undo'),
		});
		const source = new ChangingIdentity(network.client);
		const connection = await connect();
		closeWhenRevoked(connection, source);
		const call = new Recorder(connection, toolCall());
		source.change(revoking(network.client, 'tools.other'));
		expect(connection.open).toBe(true);
		source.change(revoking(network.client, 'tools.server'));
		expect(await within(call.error(), 'the call fails')).toMatchObject({ code: 'peer_revoked' });
		expect(connection.open).toBe(false);
	});

	test('what is wrong with the certificate of a server is told apart', async () => {
		const authority = createAuthority();
		const client = issueIdentity(authority, 'tools.client');
		const cases: [string, Identity, RegExp][] = [
			['peer_expired', daysFromNow(-10, () => issueIdentity(authority, 'late', { days: 3 })), /renew/],
			['peer_not_yet_valid', daysFromNow(10, () => issueIdentity(authority, 'early')), /clock/],
			['peer_untrusted', issueIdentity(createAuthority(), 'stranger'), /--certs-dir/],
		];
		for (const [code, identity, hint] of cases) {
			listener = await network.listen(echo, { identity: { ...identity, caPem: client.caPem } });
			const error = await faultOf(connect(client));
			expect(error).toMatchObject({ code, hint: expect.stringMatching(hint) });
			expect(error.message).toContain(`${carrier}://127.0.0.1:${listener.address.port}`);
			await listener.close();
		}
	});

	test('a certificate of one plugin cannot answer as another', async () => {
		listener = await network.listen(() => expect.unreachable('it was called'), {
			identity: network.issue('plugin.a'),
		});
		const { address } = listener;
		expect(await faultOf(dial(address, { identity: network.client, expectPeer: 'plugin.b' }))).toMatchObject({
			code: 'identity_mismatch',
			details: { expected: 'plugin.b', found: 'plugin.a' },
		});
	});
});
