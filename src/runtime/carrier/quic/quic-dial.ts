import { randomBytes } from 'node:crypto';
import { clearTimeout, setTimeout } from 'node:timers';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { type Address, formatAddress } from '../address.ts';
import { type Connection, type DialOptions, defaultDialTimeoutMs } from '../carrier.ts';
import type { Peer } from '../peer.ts';
import { ClientHandshake } from './client-handshake.ts';
import { closeCode } from './close-code.ts';
import { failedHandshake } from './connection-error.ts';
import { loadQuicBinding } from './native-binding.ts';
import { connectionIdBytes } from './packet-header.ts';
import { createQuicConfig, maxPacketBytes } from './quic-config.ts';
import { QuicConnection } from './quic-connection.ts';
import { QuicDriver } from './quic-driver.ts';
import type { Quiche } from './quiche.ts';
import { resolveHost, withoutScope } from './resolve-host.ts';
import { UdpSocket } from './udp-socket.ts';

/**
 * The name that is asked for in the handshake: every leaf has it. quiche never matches an IP address against a certificate, so
 * who the peer is, is checked by its common name.
 */
const serverName = 'localhost';

/** The second client-initiated unidirectional stream; the first is the handshake's probe. */
const gaugeStream = 6;

/** Milliseconds that a host's first address has before the next is tried beside it. */
const nextAddressMs = 300;

/** Connects to a listener. See {@link Carrier.dial}. */
export async function dialQuic(address: Address, options: DialOptions): Promise<Connection> {
	const timeoutMs = options.timeoutMs ?? defaultDialTimeoutMs;
	const attempts = new Set<Attempt>();
	const { signal } = options;
	let stop: (error: OrchestraError) => void = () => {};
	const stopped = new Promise<never>((_, reject) => {
		stop = reject;
	});
	stopped.catch(() => {});
	const onAbort = () => stop(OrchestraError.from(signal?.reason, 'cancelled', 'the dial was cancelled'));
	const timer = setTimeout(() => stop(dialTimeout(address, timeoutMs, attempts)), timeoutMs);
	if (signal?.aborted) onAbort();
	else signal?.addEventListener('abort', onAbort, { once: true });
	try {
		const quiche = await Promise.race([loadQuicBinding(), stopped]);
		const hosts = await Promise.race([resolveHost(address.host), stopped]);
		return await Promise.race([connectFirst(quiche, address, hosts, options, attempts), stopped]);
	} finally {
		clearTimeout(timer);
		signal?.removeEventListener('abort', onAbort);
		for (const attempt of attempts) attempt.giveUp();
	}
}

/** Tries the addresses of a host, each a little after the one before or as soon as that has failed. The first that works wins. */
function connectFirst(
	quiche: Quiche,
	address: Address,
	hosts: readonly string[],
	options: DialOptions,
	attempts: Set<Attempt>,
): Promise<Connection> {
	return new Promise((resolve, reject) => {
		let next = 0;
		let running = 0;
		let timer: ReturnType<typeof setTimeout> | undefined;
		let failure: unknown;
		const startNext = (): void => {
			clearTimeout(timer);
			const host = hosts[next++];
			if (host === undefined) return;
			running++;
			const attempt = new Attempt(quiche, address, host, options);
			attempts.add(attempt);
			attempt.result.then(
				(connection) => {
					clearTimeout(timer);
					attempts.delete(attempt);
					next = hosts.length;
					resolve(connection);
				},
				(error) => {
					attempts.delete(attempt);
					running--;
					// The most telling failure: one that got an answer.
					if (failure === undefined || isUnreachable(failure)) failure = error;
					if (next < hosts.length) startNext();
					else if (running === 0) reject(failure);
				},
			);
			if (next < hosts.length) timer = setTimeout(startNext, nextAddressMs);
		};
		startNext();
	});
}

/** How the system says that nobody is there. */
const refusals = new Set<string | undefined>(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']);

/** One try at one IP address. */
class Attempt {
	readonly result: Promise<Connection>;
	/** Whether anything at all came back. */
	answered = false;
	readonly #address: Address;
	readonly #options: DialOptions;
	#driver: QuicDriver | undefined;
	#socket: UdpSocket | undefined;
	#over = false;
	#resolve: (connection: Connection) => void = () => {};
	#reject: (error: unknown) => void = () => {};

	constructor(quiche: Quiche, address: Address, host: string, options: DialOptions) {
		this.#address = address;
		this.#options = options;
		this.result = new Promise((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
		});
		this.#start(quiche, host).catch((error) => this.#fail(error));
	}

	/** Ends the attempt, unless it has succeeded. */
	giveUp(): void {
		this.#fail(new OrchestraError('cancelled', 'the dial was given up'));
	}

	async #start(quiche: Quiche, host: string): Promise<void> {
		const config = createQuicConfig(quiche, this.#options.identity, host);
		const socket = await this.#openSocket(host);
		this.#socket = socket;
		if (this.#over) {
			this.#release();
			return;
		}
		const remote = { host: withoutScope(host), port: this.#address.port };
		const id = randomBytes(connectionIdBytes);
		const native = quiche.Connection.connect(serverName, id, socket.local, remote, config);
		const driver = new QuicDriver(native, socket, remote, gaugeStream);
		this.#driver = driver;
		new ClientHandshake(driver, {
			accepts: (peer) => this.#accepts(peer),
			confirmed: (peer) => {
				this.#over = true;
				this.#resolve(new QuicConnection(driver, peer, () => this.#release()));
			},
			failed: (end) => this.#fail(failedHandshake(end, formatAddress(this.#address))),
		});
		driver.turn();
	}

	async #openSocket(host: string): Promise<UdpSocket> {
		try {
			return await UdpSocket.connect(host, this.#address.port, maxPacketBytes, {
				datagram: (bytes) => {
					this.answered = true;
					// A connected socket hears its peer only.
					if (this.#driver) this.#driver.receive(bytes, this.#driver.remote.host, this.#driver.remote.port);
				},
				fault: (error) => {
					if (refusals.has(error.code)) this.#driver?.refused();
				},
			});
		} catch (error) {
			throw OrchestraError.from(error, 'unreachable', `${formatAddress(this.#address)} cannot be reached`);
		}
	}

	#accepts(peer: Peer | undefined): boolean {
		const { expectPeer } = this.#options;
		if (peer && (expectPeer === undefined || peer.name === expectPeer)) return true;
		const found = peer ? JSON.stringify(peer.name) : 'nobody';
		const wanted = expectPeer === undefined ? 'somebody' : JSON.stringify(expectPeer);
		this.#fail(
			new OrchestraError('identity_mismatch', `${formatAddress(this.#address)} is ${found}, not ${wanted}.`, {
				hint: 'Another plugin may have taken the address.',
				details: { expected: expectPeer, found: peer?.name },
			}),
		);
		return false;
	}

	#fail(error: unknown): void {
		if (this.#over) return;
		this.#over = true;
		if (this.#driver) this.#driver.close(closeCode.done, '', () => this.#release());
		else this.#release();
		this.#reject(error);
	}

	#release(): void {
		void this.#socket?.close();
	}
}

function dialTimeout(address: Address, timeoutMs: number, attempts: ReadonlySet<Attempt>): OrchestraError {
	const answered = [...attempts].some((attempt) => attempt.answered);
	const what = answered ? 'the handshake was not done' : 'nothing answered';
	return new OrchestraError(
		'deadline_exceeded',
		`${what} at ${formatAddress(address)} within ${timeoutMs} ms`,
		{
			hint: answered ? undefined : 'Check the address, and that the peer is running.',
			details: { timeoutMs, answered },
			retryable: true,
		},
	);
}

function isUnreachable(error: unknown): boolean {
	return error instanceof OrchestraError && error.code === 'unreachable';
}
