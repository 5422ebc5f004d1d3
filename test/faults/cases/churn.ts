import assert from 'node:assert/strict';
import { getEventListeners, once, setMaxListeners } from 'node:events';
import { connect } from 'node:net';
import { encodeRequestFrame } from '../../../src/runtime/wire/frame.ts';
import { RawClient } from '../../carriers/quic-raw-client.ts';
import { Recorder, toolCall } from '../../carriers/recorder.ts';
import { within } from '../../carriers/within.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { type FaultBench, onListener } from '../fault-case.ts';
import { OpenThingsCounter } from '../open-things.ts';

const total = 200;
const atOnce = 50;

/** What comes and goes without us: far less than one for each connection. */
const slack = 10;

/**
 * Makes connections like this, so many at once, and looks for what they leave behind.
 *
 * @param over waits for what ends only some time after a round
 */
async function expectNothingLeft(
	round: (count: number) => Promise<unknown>,
	over = () => Promise.resolve(),
): Promise<void> {
	const counter = new OpenThingsCounter();
	try {
		await round(atOnce);
		await over();
		// After the first ones: what they brought with them for good is not what is looked for.
		const before = counter.count();
		for (let made = 0; made < total; made += atOnce) {
			await within(round(atOnce), 'a round of connections');
		}
		await over();
		await counter.expectNoMore(before, slack);
	} finally {
		counter.stop();
	}
}

const times = <T>(count: number, make: () => Promise<T>): Promise<T[]> =>
	Promise.all(Array.from({ length: count }, make));

/** Clients that are reset in the middle of a call. */
async function reset(
	{ network, listener, plugin }: FaultBench,
	proxy: TcpProxy,
	count: number,
): Promise<void> {
	const address = { ...listener.address, port: proxy.port };
	const connections = await times(count, () => network.dial(address));
	const before = plugin.active;
	const calls = connections.map((connection) => new Recorder(connection, toolCall({}, 'hold')));
	await waitUntil(() => plugin.active === before + count);
	proxy.reset();
	for (const call of calls) assert.equal((await call.error()).code, 'connection_lost');
	await waitUntil(() => plugin.active === before);
}

/** Clients that fall silent in the middle of a call, and are lost after their idle timeout: one that all of them outlive until they do. */
async function fallSilent({ network, listener, plugin }: FaultBench, count: number): Promise<void> {
	const { client: identity } = network;
	const options = { identity, caPem: identity.caPem, idleMs: 6000 };
	const clients = await times(count, () => RawClient.dial(listener.address, options));
	const before = plugin.calls;
	for (const client of clients) {
		await within(client.established, 'the handshake');
		client.send(0, encodeRequestFrame({ requestId: 'r', ...toolCall({}, 'hold') }), true);
	}
	await waitUntil(() => plugin.calls === before + count);
	for (const client of clients) await client.vanish();
}

/** A client that is gone in the middle of its handshake. */
async function vanishInHandshake({ network, listener }: FaultBench, hello: Buffer): Promise<void> {
	if (network.carrier.name === 'tcp') {
		const socket = connect(listener.address.port, '127.0.0.1');
		socket.on('error', () => undefined);
		await once(socket, 'connect');
		// A whole hello, so that the listener answers, and waits for the rest.
		socket.write(hello);
		await once(socket, 'data');
		socket.resetAndDestroy();
		await once(socket, 'close');
		return;
	}
	const { client: identity } = network;
	const client = await RawClient.dial(listener.address, { identity, caPem: identity.caPem, idleMs: 300 });
	await client.vanish();
}

/** The first bytes of a client's handshake. */
async function clientHello({ network, listener }: FaultBench): Promise<Buffer> {
	if (network.carrier.name !== 'tcp') return Buffer.alloc(0);
	const proxy = await TcpProxy.to(listener.address.port);
	let hello = Buffer.alloc(0);
	proxy.meddle = (piece, direction) => {
		if (direction === 'to server' && hello.length === 0) hello = Buffer.from(piece);
		return [piece];
	};
	const connection = await network.dial({ ...listener.address, port: proxy.port });
	await connection.close();
	await proxy.close();
	return hello;
}

/** Connections that come and go. */
export const churnCases = [
	onListener(`${total} connections made and closed leave nothing behind`, async (bench) => {
		const { signal } = new AbortController();
		setMaxListeners(0, signal);
		await expectNothingLeft((count) =>
			times(count, async () => {
				const connection = await bench.network.dial(bench.listener.address, { signal });
				const answered = new Recorder(connection, toolCall({ n: 1 }), { signal });
				assert.ok((await answered.response()).toolCall?.success);
				const given = new Recorder(connection, toolCall({}, 'hold'), { signal });
				await connection.close();
				assert.equal((await given.error()).code, 'connection_closed');
			}),
		);
		assert.equal(getEventListeners(signal, 'abort').length, 0);
		await waitUntil(() => bench.listener.connectionCount === 1);
	}),

	onListener(
		`${total} connections that are reset in the middle of a call leave nothing behind`,
		async (bench) => {
			const proxy = await TcpProxy.to(bench.listener.address.port);
			bench.deferPath(() => proxy.close());
			await expectNothingLeft((count) => reset(bench, proxy, count));
			await waitUntil(() => bench.listener.connectionCount === 1);
		},
		{ only: 'tcp' },
	),

	onListener(
		`${total} connections that fall silent in the middle of a call leave nothing behind`,
		async (bench) => {
			await expectNothingLeft(
				(count) => fallSilent(bench, count),
				// The bystander's are left.
				() => waitUntil(() => bench.plugin.active === 2),
			);
			await waitUntil(() => bench.listener.connectionCount === 1);
		},
		{ only: 'quic' },
	),

	onListener(`${total} clients that vanish in their handshakes leave nothing behind`, async (bench) => {
		const hello = await clientHello(bench);
		await expectNothingLeft((count) => times(count, () => vanishInHandshake(bench, hello)));
		await waitUntil(() => bench.listener.connectionCount === 1);
	}),
];
