import { randomBytes } from 'node:crypto';
import v8 from 'node:v8';
import { QuicDriver } from '../../../src/runtime/carrier/quic/driver/quic-driver.ts';
import type { UdpSocket } from '../../../src/runtime/carrier/quic/driver/udp-socket.ts';
import { ConnectionIntake } from '../../../src/runtime/carrier/quic/listening/connection-intake.ts';
import { QuicServerConnection } from '../../../src/runtime/carrier/quic/listening/quic-server-connection.ts';
import { loadQuicBinding } from '../../../src/runtime/carrier/quic/native/native-binding.ts';
import { createQuicConfig } from '../../../src/runtime/carrier/quic/native/quic-config.ts';
import type { HostPort } from '../../../src/runtime/carrier/quic/native/quiche.ts';
import { processMemory } from '../../../src/runtime/carrier/request-memory.ts';
import { createAuthority, issueIdentity } from '../../../src/runtime/identity/x509/issue.ts';
import { decodeResponse, encodeRequestFrame } from '../../../src/runtime/wire/frame.ts';
import { expect, type FuzzTarget } from '../fuzz-target.ts';

/** Handshakes that the intake lets hang at once. Source: quic/connection-intake.ts. */
const maxHandshakes = 1024;

/** Milliseconds after which it forgets them. Source: the same. */
const handshakeMs = 10_000;

const server = { host: '127.0.0.1', port: 4433 };

/** A socket without a system behind it: what is sent is handed over in this turn. */
class Wire {
	readonly local: HostPort;
	readonly out = Buffer.alloc(16_000);
	readonly #deliver: (datagram: Buffer, to: HostPort) => void;

	constructor(local: HostPort, deliver: (datagram: Buffer, to: HostPort) => void) {
		this.local = local;
		this.#deliver = deliver;
	}

	send(length: number, to: HostPort): void {
		this.#deliver(Buffer.from(this.out.subarray(0, length)), to);
	}

	rest(): void {}

	async close(): Promise<void> {}
}

/** A client that is served well, whatever else comes in. */
interface Client {
	readonly driver: QuicDriver;
	established: boolean;
	ended: boolean;
	answers: number;
	/** What to send in the next turn. */
	readonly calls: Buffer[];
}

/**
 * Datagrams at a listener's door: the first byte chooses who they come from. The packets of real handshakes and calls are among the seeds, so
 * that they come again, changed and from elsewhere. One client with a connection has to be served all the time.
 */
export async function quicPacketsTarget(): Promise<FuzzTarget> {
	const quiche = await loadQuicBinding();
	const authority = createAuthority();
	const config = createQuicConfig(quiche, issueIdentity(authority, 'tools.client'), server.host);
	const clients = new Map<number, Client>();
	const seen: Buffer[] = [];
	let started = 0;

	const serverWire = new Wire(server, (datagram, to) => {
		const client = clients.get(to.port);
		client?.driver.receive(datagram, server.host, server.port);
	});
	const intake = new ConnectionIntake(
		quiche,
		serverWire as unknown as UdpSocket,
		issueIdentity(authority, 'tools.server'),
		(driver) => {
			started++;
			new QuicServerConnection(driver, {
				handler: (exchange) => exchange.finish({ toolCall: { success: true } }),
				memory: processMemory,
				closing: false,
				refusal: () => undefined,
				welcomed: (connection) => intake.established(connection.driver),
				idle: () => undefined,
				over: () => undefined,
				gone: (connection) => intake.remove(connection.driver),
			});
		},
	);
	const arrive = (datagram: Buffer, port: number) =>
		intake.datagram(datagram, { address: server.host, port, family: 'IPv4', size: datagram.length });

	const connect = (port: number): Client => {
		const local = { host: server.host, port };
		const wire = new Wire(local, (datagram) => {
			// Not too many, and of all ages.
			if (seen.length < 400) seen.push(Buffer.from(datagram));
			arrive(datagram, port);
		}) as unknown as UdpSocket;
		const native = quiche.Connection.connect('localhost', randomBytes(8), local, server, config);
		const client: Client = {
			driver: new QuicDriver(native, wire, server, 6),
			established: false,
			ended: false,
			answers: 0,
			calls: [],
		};
		let nextStream = 0;
		client.driver.owner = {
			established: () => {
				client.established = true;
			},
			readable: (streamId) => {
				const space = new Uint8Array(4096);
				const read = native.streamRecv(streamId, space);
				if (read && read[0] > 4 && decodeResponse(space.subarray(4, read[0])).toolCall?.success)
					client.answers++;
			},
			write: () => {
				for (const call of client.calls.splice(0)) {
					native.streamSend(nextStream, call, true);
					nextStream += 4;
				}
			},
			settle: () => false,
			ended: () => {
				client.ended = true;
			},
		};
		clients.set(port, client);
		client.driver.turn();
		return client;
	};
	const call = async (client: Client): Promise<void> => {
		const before = client.answers;
		client.calls.push(Buffer.from(encodeRequestFrame({ requestId: 'r', toolCall: { toolName: 'echo' } })));
		client.driver.schedule();
		for (let turn = 0; client.answers === before && turn < 5000; turn++) {
			await new Promise((resolve) => (turn < 50 ? setImmediate(resolve) : setTimeout(resolve, 1)));
		}
		expect(client.answers > before, 'a client with a connection is served');
	};
	const join = async (port: number): Promise<Client> => {
		const client = connect(port);
		for (let turn = 0; !client.established && turn < 5000; turn++) {
			await new Promise((resolve) => (turn < 50 ? setImmediate(resolve) : setTimeout(resolve, 1)));
		}
		expect(client.established, 'a new client gets in');
		return client;
	};

	const bystander = await join(5000);
	for (let i = 0; i < 5; i++) await call(bystander);
	for (let port = 5001; port < 5005; port++) {
		const other = await join(port);
		await call(other);
		other.driver.close(0, 'done');
		clients.delete(port);
	}

	return {
		seeds: seen.map((datagram, i) => Buffer.concat([Buffer.from([i]), datagram])),
		dictionary: [
			Buffer.from([0xc3, 0, 0, 0, 1]),
			Buffer.from([0xc3, 0, 0, 0, 0]),
			Buffer.from([0xc3, 0x1a, 0x2a, 0x3a, 0x4a]),
			Buffer.from([0xf0, 0, 0, 0, 1, 8]),
			Buffer.from([0x40]),
			Buffer.alloc(1200),
			Buffer.alloc(20, 0x15),
		],
		maxBytes: 16_001,
		stateful: true,
		run(input) {
			const from = input[0] ?? 0;
			// Every eighth claims to be the client that is served.
			arrive(Buffer.from(input.subarray(1)), from % 8 === 0 ? 5000 : 6000 + from);
		},
		async pause() {
			await new Promise((resolve) => setImmediate(resolve));
			await call(bystander);
			expect(!bystander.ended, 'the connection of a client that is served goes on');
		},
		async finish() {
			const alive = liveDrivers();
			expect(alive === undefined || alive <= maxHandshakes + 20, `${alive} connections are bounded`);
			if (process.env.ORCHESTRA_SOAK) {
				await new Promise((resolve) => setTimeout(resolve, handshakeMs + 1500));
				const left = liveDrivers();
				// The bystander's two ends; closed connections linger for half a second only.
				expect(left === undefined || left <= 2, `${left} connections are left of ${started} handshakes`);
			}
			await call(bystander);
			const late = await join(5100);
			await call(late);
			late.driver.close(0, 'done');
			bystander.driver.close(0, 'done');
			intake.stop();
			intake.abandonAll();
		},
	};
}

/** Connections that are not garbage yet; undefined where the runtime does not tell. */
function liveDrivers(): number | undefined {
	const { queryObjects } = v8 as {
		queryObjects?: (kind: unknown, options: { format: 'count' }) => number;
	};
	return queryObjects?.(QuicDriver, { format: 'count' });
}
