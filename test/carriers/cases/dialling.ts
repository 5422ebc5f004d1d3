import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import type { Connection } from '../../../src/runtime/carrier/carrier.ts';
import type { Peer } from '../../../src/runtime/carrier/peer.ts';
import type { OrchestraError } from '../../../src/runtime/wire/orchestra-error.ts';
import { patienceMs } from '../../support/patience.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { onNetwork, withoutAddresses, withoutCertificates } from '../compliance-case.ts';
import { echo } from '../handlers.ts';
import { Recorder, toolCall } from '../recorder.ts';
import { within } from '../within.ts';

/** Expects a dial to fail, and gives its error. */
async function refused(dialled: Promise<Connection>): Promise<OrchestraError> {
	const outcome = await within(
		dialled.then(
			(connection) => ({ connection, error: undefined }),
			(error: OrchestraError) => ({ connection: undefined, error }),
		),
		'the dial ends',
	);
	await outcome.connection?.close();
	assert.ok(outcome.error, 'the dial succeeded');
	assert.equal(outcome.error.name, 'OrchestraError', String(outcome.error));
	assert.ok(outcome.error.hint || outcome.error.code === 'cancelled', `${outcome.error.code} gives no hint`);
	return outcome.error;
}

/** Who may connect to whom. */
export const diallingCases = [
	onNetwork(
		'both sides know each other by their certificates',
		async (network, _, defer) => {
			let seen: Peer | undefined;
			const listener = await network.listen((exchange) => {
				seen = exchange.peer;
				echo(exchange);
			});
			defer(() => listener.close());
			const connection = await network.dial(listener.address, { expectPeer: network.server.name });
			defer(() => connection.close());
			await new Recorder(connection, toolCall()).response();
			for (const [peer, identity] of [
				[connection.peer, network.server],
				[seen, network.client],
			] as const) {
				const certificate = new X509Certificate(identity.certificatePem);
				assert.equal(peer?.name, identity.name);
				assert.equal(peer?.fingerprint, createHash('sha256').update(certificate.raw).digest('hex'));
				assert.equal(peer?.validTo?.getTime(), Date.parse(certificate.validTo));
				assert.match(peer?.address ?? '', new RegExp(`^${network.carrier.name}://127\\.0\\.0\\.1:\\d+$`));
			}
			assert.equal(listener.connectionCount, 1);
		},
		withoutCertificates,
	),

	onNetwork(
		'a client whose certificate is of another CA is refused',
		async (network, _, defer) => {
			const listener = await network.listen(() => assert.fail('a stranger was served'));
			defer(() => listener.close());
			const identity = { ...network.stranger, caPem: network.client.caPem };
			const error = await refused(network.dial(listener.address, { identity }));
			assert.equal(error.code, 'peer_rejected');
			await waitUntil(() => listener.connectionCount === 0);
		},
		withoutCertificates,
	),

	onNetwork(
		'a server whose certificate is of another CA is refused',
		async (network, _, defer) => {
			const identity = { ...network.stranger, caPem: network.server.caPem };
			const listener = await network.listen(echo, { identity });
			defer(() => listener.close());
			const error = await refused(network.dial(listener.address));
			assert.equal(error.code, 'peer_untrusted');
			await waitUntil(() => listener.connectionCount === 0);
		},
		withoutCertificates,
	),

	onNetwork(
		'a server of another name than expected is refused',
		async (network, _, defer) => {
			const listener = await network.listen(() => assert.fail('it was served'));
			defer(() => listener.close());
			const error = await refused(network.dial(listener.address, { expectPeer: 'tools.other' }));
			assert.equal(error.code, 'identity_mismatch');
			assert.match(error.message, /tools\.other/);
			assert.match(error.message, /tools\.server/);
			await waitUntil(() => listener.connectionCount === 0);
		},
		withoutCertificates,
	),

	onNetwork(
		'a peer that is not authorized is refused, another is not',
		async (network, _, defer) => {
			const asked: Peer[] = [];
			const listener = await network.listen(echo, {
				authorize: (peer) => {
					asked.push(peer);
					return peer.name !== 'tools.client';
				},
			});
			defer(() => listener.close());
			const error = await refused(network.dial(listener.address));
			assert.equal(error.code, 'peer_rejected');
			assert.deepEqual(
				asked.map((peer) => peer.name),
				['tools.client'],
			);
			const connection = await network.dial(listener.address, { identity: network.issue('tools.friend') });
			defer(() => connection.close());
			await new Recorder(connection, toolCall()).response();
			await new Recorder(connection, toolCall()).response();
			assert.equal(asked.length, 2);
		},
		withoutCertificates,
	),

	onNetwork(
		'an authorize that throws refuses',
		async (network, _, defer) => {
			const listener = await network.listen(echo, {
				authorize: () => {
					throw new Error('no idea');
				},
			});
			defer(() => listener.close());
			assert.match(
				(await refused(network.dial(listener.address))).code,
				/^(peer_rejected|handshake_failed)$/,
			);
		},
		withoutCertificates,
	),

	onNetwork(
		'nothing listens: unreachable',
		async (network) => {
			const listener = await network.listen(echo);
			await listener.close();
			// Nobody has to tell a UDP client that a port is closed.
			const mayBeSilent = network.carrier.name === 'quic';
			const timeoutMs = mayBeSilent ? 2000 : patienceMs;
			const error = await refused(network.dial(listener.address, { timeoutMs }));
			assert.ok(error.code === 'unreachable' || (mayBeSilent && error.code === 'deadline_exceeded'));
			assert.ok(error.message.includes(String(listener.address.port)));
		},
		withoutAddresses,
	),

	onNetwork(
		'a peer that never answers: the dial has a deadline',
		async (network, _, defer) => {
			const peer = await network.silentPeer();
			defer(peer.close);
			const error = await refused(network.dial(peer.address, { timeoutMs: 200 }));
			assert.equal(error.code, 'deadline_exceeded');
		},
		withoutAddresses,
	),

	onNetwork(
		'a dial can be cancelled, before and during',
		async (network, _, defer) => {
			const peer = await network.silentPeer();
			defer(peer.close);
			const controller = new AbortController();
			const dialled = refused(network.dial(peer.address, { signal: controller.signal }));
			setTimeout(() => controller.abort(), 20);
			assert.equal((await dialled).code, 'cancelled');
			const early = await refused(network.dial(peer.address, { signal: AbortSignal.abort() }));
			assert.equal(early.code, 'cancelled');
		},
		withoutAddresses,
	),

	onNetwork(
		'a certificate that cannot be used is said to be so',
		async (network, _, defer) => {
			const identity = { ...network.client, privateKeyPem: network.server.privateKeyPem };
			await assert.rejects(network.listen(echo, { identity }), { code: 'certificate_invalid' });
			const listener = await network.listen(echo);
			defer(() => listener.close());
			assert.equal((await refused(network.dial(listener.address, { identity }))).code, 'certificate_invalid');
		},
		withoutCertificates,
	),
];
