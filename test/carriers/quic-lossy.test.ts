import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { Address } from '../../src/runtime/carrier/address.ts';
import type { ExchangeHandler } from '../../src/runtime/carrier/carrier.ts';
import type { QuicConnection } from '../../src/runtime/carrier/quic/dialling/quic-connection.ts';
import { quicCarrier } from '../../src/runtime/carrier/quic/quic-carrier.ts';
import { runAfterEach } from '../support/run-after-each.ts';
import { echo, SilentHandler } from './handlers.ts';
import { createNetwork } from './harness.ts';
import { Recorder, streamStart, toolCall } from './recorder.ts';
import { within } from './within.ts';

const network = createNetwork(quicCarrier, () => Promise.reject(new Error('not used')));
const afterwards = runAfterEach();

/** A path to a listener for one client, on which things happen to datagrams. */
class Path {
	/** Whether the n-th datagram of this direction arrives. */
	passes: (toServer: boolean, index: number) => boolean = () => true;
	/** Whether every third datagram comes after the one behind it, and every fifth twice. */
	shuffles = false;
	address: Address | undefined;
	readonly #front: Socket = createSocket('udp4');
	readonly #back: Socket = createSocket('udp4');
	#closed = false;
	#toServer = 0;
	#toClient = 0;

	static async to(target: Address): Promise<Path> {
		const path = new Path();
		let client = 0;
		path.#front.on('message', (bytes, from) => {
			client = from.port;
			if (!path.passes(true, path.#toServer++)) return;
			path.#deliver(path.#toServer, () => path.#back.send(bytes, target.port, target.host));
		});
		path.#back.on('message', (bytes) => {
			if (!path.passes(false, path.#toClient++)) return;
			path.#deliver(path.#toClient, () => path.#front.send(bytes, client, '127.0.0.1'));
		});
		path.#front.bind(0, '127.0.0.1');
		path.#back.bind(0, '127.0.0.1');
		await Promise.all([once(path.#front, 'listening'), once(path.#back, 'listening')]);
		path.address = { carrier: 'quic', host: '127.0.0.1', port: path.#front.address().port };
		afterwards(async () => {
			path.#closed = true;
			path.#front.close();
			path.#back.close();
		});
		return path;
	}

	#deliver(index: number, deliver: () => void): void {
		const send = () => {
			if (!this.#closed) deliver();
		};
		if (this.shuffles && index % 3 === 0) setTimeout(send, 1);
		else send();
		if (this.shuffles && index % 5 === 0) send();
	}
}

async function connect(handler: ExchangeHandler): Promise<{ path: Path; connection: QuicConnection }> {
	const listener = await network.listen(handler);
	afterwards(() => listener.close());
	const path = await Path.to(listener.address);
	const connection = (await network.dial(path.address as Address)) as QuicConnection;
	afterwards(() => connection.close());
	return { path, connection };
}

/** Loses about this share, always the same datagrams. */
function losing(share: number): (toServer: boolean, index: number) => boolean {
	return (toServer, index) => {
		let hash = (index * 2 + (toServer ? 1 : 0)) * 2654435761;
		hash = ((hash ^ (hash >>> 15)) * 2246822519) >>> 0;
		return hash / 2 ** 32 >= share;
	};
}

test('calls, large messages and streams come through where one datagram in twenty is lost', async () => {
	const data = new Uint8Array(10_000).fill(7);
	const { path, connection } = await connect(async (exchange) => {
		if (exchange.request.toolCall) {
			echo(exchange);
			return;
		}
		for (let sequence = 0; sequence < 50; sequence++)
			await exchange.send({ streamChunk: { data, sequence } });
		exchange.finish({ streamEnd: { success: true, totalChunks: 50 } });
	});
	path.passes = losing(0.05);
	const calls = Array.from({ length: 300 }, (_, i) => new Recorder(connection, toolCall({ i })));
	const large = new Recorder(connection, toolCall({ text: 'x'.repeat(500_000) }));
	const stream = new Recorder(connection, streamStart());
	for (const [i, call] of calls.entries()) expect((await call.response()).toolCall?.result).toEqual({ i });
	expect((await large.response()).toolCall?.success).toBe(true);
	expect((await stream.response()).streamEnd?.success).toBe(true);
	expect(stream.parts.map((part) => part.streamChunk?.sequence ?? 0)).toEqual(
		Array.from({ length: 50 }, (_, i) => i),
	);
});

test('a handler hears of a cancel whose datagram was lost', async () => {
	const handler = new SilentHandler();
	const { path, connection } = await connect(handler.handle);
	const call = new Recorder(connection, toolCall());
	await handler.reached();
	let lost = 0;
	path.passes = (toServer) => !toServer || lost++ > 0;
	call.exchange.cancel();
	expect((await handler.cancelled()).code).toBe('cancelled');
	expect(lost).toBeGreaterThan(0);
});

test('a handshake survives the loss of its first datagrams', async () => {
	const listener = await network.listen(echo);
	afterwards(() => listener.close());
	const path = await Path.to(listener.address);
	path.passes = (_, index) => index > 0;
	const connection = await network.dial(path.address as Address);
	afterwards(() => connection.close());
	expect((await new Recorder(connection, toolCall({ a: 1 })).response()).toolCall?.result).toEqual({ a: 1 });
});

test('datagrams out of order and twice are put right', async () => {
	const { path, connection } = await connect(echo);
	path.shuffles = true;
	const all = Array.from(
		{ length: 200 },
		(_, i) => new Recorder(connection, toolCall({ i, text: 'x'.repeat(i * 50) })),
	);
	for (const one of all) await within(one.response(), 'an answer');
});
