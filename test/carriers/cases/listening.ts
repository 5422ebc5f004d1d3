import assert from 'node:assert/strict';
import { onNetwork, withoutAddresses, withoutCertificates } from '../compliance-case.ts';
import { echo, SilentHandler } from '../handlers.ts';
import { argumentOf, Recorder, resultOf, toolCall } from '../recorder.ts';

/** The serving side. */
export const listeningCases = [
	onNetwork(
		'a listener tells its real port',
		async (network, _, defer) => {
			const listener = await network.listen(echo);
			defer(() => listener.close());
			assert.equal(listener.address.carrier, network.carrier.name);
			assert.equal(listener.address.host, '127.0.0.1');
			assert.ok(listener.address.port > 0);
			assert.equal(listener.connectionCount, 0);
		},
		withoutAddresses,
	),

	onNetwork(
		'a listener tells which address of a name it took',
		async (network, _, defer) => {
			const listener = await network.carrier.listen(
				{ carrier: network.carrier.name, host: 'localhost', port: 0 },
				{ identity: network.server, handler: echo },
			);
			defer(() => listener.close());
			assert.match(listener.address.host, /^(127\.0\.0\.1|::1)$/);
		},
		withoutAddresses,
	),

	onNetwork(
		'a port that is taken: address_in_use',
		async (network, _, defer) => {
			const listener = await network.listen(echo);
			defer(() => listener.close());
			const options = { identity: network.server, handler: echo };
			await assert.rejects(network.carrier.listen(listener.address, options), { code: 'address_in_use' });
		},
		withoutAddresses,
	),

	onNetwork(
		'an address of another machine: unreachable',
		async (network) => {
			const address = { carrier: network.carrier.name, host: '192.0.2.1', port: 0 };
			const options = { identity: network.server, handler: echo };
			await assert.rejects(network.carrier.listen(address, options), { code: 'unreachable' });
		},
		withoutAddresses,
	),

	onNetwork('many clients are served at once, each by its own connection', async (network, _, defer) => {
		const handler = new SilentHandler();
		const listener = await network.listen(handler.handle);
		defer(() => listener.close());
		const connections = await Promise.all(
			Array.from({ length: 5 }, (_, i) =>
				network.dial(listener.address, { identity: network.issue(`tools.client${i}`) }),
			),
		);
		for (const connection of connections) defer(() => connection.close());
		const calls = connections.map(
			(connection, i) => new Recorder(connection, { ...toolCall({ i }), requestId: 'same' }),
		);
		await handler.reached(5);
		calls[0]?.exchange.cancel();
		assert.equal((await handler.cancelled()).code, 'cancelled');
		for (const exchange of handler.exchanges) {
			const { peer, request, cancelled } = exchange;
			assert.equal(peer.name, `tools.client${argumentOf(request, 'i')}`);
			assert.equal(cancelled !== undefined, peer.name === 'tools.client0');
			echo(exchange);
		}
		for (const [i, call] of calls.entries()) {
			if (i > 0) assert.equal(resultOf(await call.response(), 'i'), i);
		}
	}),

	onNetwork(
		'a new certificate is for the connections to come',
		async (network, _, defer) => {
			const listener = await network.listen(echo);
			defer(() => listener.close());
			const before = await network.dial(listener.address, { expectPeer: 'tools.server' });
			defer(() => before.close());
			listener.setIdentity(network.issue('tools.renewed'));
			const after = await network.dial(listener.address, { expectPeer: 'tools.renewed' });
			defer(() => after.close());
			await new Recorder(after, toolCall()).response();
			await new Recorder(before, toolCall()).response();
			assert.equal(before.open, true);
			// Clients still have to show a certificate of the same CA.
			const stranger = { ...network.stranger, caPem: network.client.caPem };
			await assert.rejects(network.dial(listener.address, { identity: stranger }), { code: 'peer_rejected' });
		},
		withoutCertificates,
	),
];
