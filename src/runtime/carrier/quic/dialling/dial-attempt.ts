import { randomBytes } from 'node:crypto';
import { currentIdentity } from '../../../identity/sources/identity-source.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { type Address, formatAddress } from '../../address.ts';
import type { DialOptions } from '../../carrier.ts';
import type { Peer } from '../../peer.ts';
import { closeCode } from '../driver/close-code.ts';
import { failedHandshake } from '../driver/connection-error.ts';
import { connectionIdBytes } from '../driver/packet-header.ts';
import { QuicDriver } from '../driver/quic-driver.ts';
import { UdpSocket } from '../driver/udp-socket.ts';
import { maxPacketBytes, sharedQuicConfig } from '../native/quic-config.ts';
import type { Quiche } from '../native/quiche.ts';
import { ClientHandshake } from './client-handshake.ts';
import { announcedSilenceMs } from './liveness-probe.ts';
import { QuicConnection } from './quic-connection.ts';
import { withoutScope } from './resolve-host.ts';

/**
 * The name that is asked for in the handshake: every leaf has it. quiche never matches an IP address against a certificate, so
 * who the peer is, is checked by its common name.
 */
const serverName = 'localhost';

/** The second client-initiated unidirectional stream; the first is the handshake's probe. */
const gaugeStream = 6;

/** Codes by which the system says that nobody is there. */
const refusals = new Set<string | undefined>(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']);

/** One try to connect to one IP address. */
export class DialAttempt {
	readonly result: Promise<QuicConnection>;
	/** When the peer was first heard of, on the clock of performance.now(). */
	#answeredAt: number | undefined;
	readonly #startedAt: number;
	readonly #address: Address;
	readonly #options: DialOptions;
	#driver: QuicDriver | undefined;
	#socket: UdpSocket | undefined;
	#over = false;
	#resolve: (connection: QuicConnection) => void = () => {};
	#reject: (error: unknown) => void = () => {};

	/** @param startedAt when the dial began, on the clock of performance.now() */
	constructor(quiche: Quiche, address: Address, host: string, options: DialOptions, startedAt: number) {
		this.#startedAt = startedAt;
		this.#address = address;
		this.#options = options;
		this.result = new Promise((resolve, reject) => {
			this.#resolve = resolve;
			this.#reject = reject;
		});
		this.#start(quiche, host).catch((error) => this.#fail(error));
	}

	/** Whether anything at all came back. */
	get answered(): boolean {
		return this.#answeredAt !== undefined;
	}

	/** Ends the attempt, unless it has succeeded. */
	giveUp(): void {
		this.#fail(new OrchestraError('cancelled', 'the dial was given up'));
	}

	async #start(quiche: Quiche, host: string): Promise<void> {
		const config = sharedQuicConfig(
			quiche,
			currentIdentity(this.#options.identity),
			host,
			announcedSilenceMs(this.#options.keepAlive),
		);
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
				const now = performance.now();
				const answeredAt = this.#answeredAt ?? now;
				const setup = { connectMs: answeredAt - this.#startedAt, tlsMs: now - answeredAt };
				const { keepAlive } = this.#options;
				this.#resolve(new QuicConnection(driver, peer, () => this.#release(), setup, keepAlive));
			},
			failed: (end) => this.#fail(failedHandshake(end, formatAddress(this.#address))),
		});
		driver.turn();
	}

	async #openSocket(host: string): Promise<UdpSocket> {
		try {
			return await UdpSocket.connect(host, this.#address.port, maxPacketBytes, {
				datagram: (bytes) => {
					this.#answeredAt ??= performance.now();
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
