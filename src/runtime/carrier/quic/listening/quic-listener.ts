import type { RemoteInfo } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Identity } from '../../../identity/identity.ts';
import { OrchestraError } from '../../../wire/orchestra-error.ts';
import { type Address, formatAddress } from '../../address.ts';
import type { ExchangeHandler, Listener, ListenOptions } from '../../carrier.ts';
import type { Peer } from '../../peer.ts';
import { processMemory, type RequestMemory } from '../../request-memory.ts';
import { revokedClient } from '../../revoked-peer.ts';
import { resolveHost } from '../dialling/resolve-host.ts';
import { closeCode } from '../driver/close-code.ts';
import { UdpSocket } from '../driver/udp-socket.ts';
import { loadQuicBinding } from '../native/native-binding.ts';
import { maxPacketBytes } from '../native/quic-config.ts';
import type { Quiche } from '../native/quiche.ts';
import { ConnectionIntake } from './connection-intake.ts';
import { QuicServerConnection, type ServerConnectionOwner } from './quic-server-connection.ts';

/** Milliseconds that the last responses have to reach their callers when a listener closes, however short its grace is. */
const deliveryMs = 250;

/** Listens at an address. See {@link Carrier.listen}. */
export async function listenQuic(address: Address, options: ListenOptions): Promise<Listener> {
	const quiche = await loadQuicBinding();
	const [host = address.host] = await resolveHost(address.host);
	const listener = new QuicListener(quiche, options);
	await listener.bind(host, address);
	return listener;
}

class QuicListener implements Listener, ServerConnectionOwner {
	readonly handler: ExchangeHandler;
	readonly memory: RequestMemory;
	closing = false;
	readonly #authorize: ((peer: Peer) => boolean) | undefined;
	readonly #onRefused: ((peer: Peer, reason: OrchestraError) => void) | undefined;
	readonly #onGone: ((peer: Peer) => void) | undefined;
	readonly #quiche: Quiche;
	readonly #connections = new Set<QuicServerConnection>();
	#identity: Identity;
	#address: Address | undefined;
	#socket: UdpSocket | undefined;
	#intake: ConnectionIntake | undefined;
	#closed: Promise<void> | undefined;
	#onIdle: (() => void) | undefined;

	constructor(quiche: Quiche, options: ListenOptions) {
		this.#quiche = quiche;
		this.#identity = options.identity;
		this.handler = options.handler;
		this.memory = options.memory ?? processMemory;
		this.#authorize = options.authorize;
		this.#onRefused = options.onRefused;
		this.#onGone = options.onGone;
	}

	get address(): Address {
		if (!this.#address) throw new OrchestraError('internal', 'the listener is not bound');
		return this.#address;
	}

	get connectionCount(): number {
		return this.#connections.size;
	}

	async bind(host: string, address: Address): Promise<void> {
		const pending: [Buffer, RemoteInfo][] = [];
		try {
			this.#socket = await UdpSocket.bind(host, address.port, maxPacketBytes, {
				datagram: (bytes, from) => {
					if (this.#intake) this.#intake.datagram(bytes, from);
					else pending.push([bytes, from]);
				},
				// A client that is gone, or a full buffer: the connection it concerns finds out by itself.
				fault: () => {},
			});
		} catch (error) {
			throw bindError(error, address);
		}
		// The literal: whoever reads it need not resolve a name to the same one of its addresses.
		this.#address = { carrier: 'quic', host, port: this.#socket.local.port };
		try {
			this.#intake = new ConnectionIntake(
				this.#quiche,
				this.#socket,
				this.#identity,
				(driver) => new QuicServerConnection(driver, this),
			);
		} catch (error) {
			await this.#socket.close();
			throw error;
		}
		for (const [bytes, from] of pending) this.#intake.datagram(bytes, from);
	}

	setIdentity(identity: Identity): void {
		this.#intake?.setIdentity(identity);
		this.#identity = identity;
		for (const connection of [...this.#connections]) {
			const refusal = connection.peer && revokedClient(identity, connection.peer);
			if (!refusal || !connection.peer) continue;
			connection.sendAway(refusal);
			this.#onRefused?.(connection.peer, refusal);
		}
	}

	close(options: { graceMs?: number } = {}): Promise<void> {
		this.#closed ??= this.#close(options.graceMs ?? 0);
		return this.#closed;
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}

	// ------------------------------------------------------------------ for connections

	refusal(peer: Peer): OrchestraError | undefined {
		const refusal = revokedClient(this.#identity, peer) ?? this.#notAllowed(peer);
		if (refusal) this.#onRefused?.(peer, refusal);
		return refusal;
	}

	welcomed(connection: QuicServerConnection): void {
		this.#intake?.established(connection.driver);
		this.#connections.add(connection);
	}

	idle(): void {
		this.#onIdle?.();
	}

	over(connection: QuicServerConnection): void {
		const { peer } = connection;
		if (this.#connections.delete(connection) && peer) this.#onGone?.(peer);
		this.#onIdle?.();
	}

	gone(connection: QuicServerConnection): void {
		this.#intake?.remove(connection.driver);
	}

	// ------------------------------------------------------------------------------

	#notAllowed(peer: Peer): OrchestraError | undefined {
		try {
			if (this.#authorize?.(peer) ?? true) return undefined;
		} catch {
			// A peer that cannot be judged is not let in.
		}
		return new OrchestraError('peer_rejected', `${peer.name} is not allowed to connect`, {
			hint: 'Connect under a name that the listener expects.',
		});
	}

	async #close(graceMs: number): Promise<void> {
		this.closing = true;
		this.#intake?.stop();
		const ended = new OrchestraError('connection_lost', 'the listener was closed');
		try {
			await this.#whenIdle(graceMs);
			for (const connection of this.#connections) connection.cancelAll(ended);
			await this.#whenDelivered();
		} finally {
			for (const connection of [...this.#connections]) {
				connection.close(closeCode.done, 'the listener was closed', ended);
			}
			this.#intake?.abandonAll();
			await this.#socket?.close();
		}
	}

	#whenIdle(graceMs: number): Promise<void> {
		const idle = () => [...this.#connections].every(({ exchangeCount }) => exchangeCount === 0);
		if (graceMs <= 0 || idle()) return Promise.resolve();
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, graceMs);
			this.#onIdle = () => {
				if (!idle()) return;
				clearTimeout(timer);
				resolve();
			};
		});
	}

	/** Settles when answers are delivered, so that none is lost with its connection. */
	async #whenDelivered(): Promise<void> {
		const deadline = performance.now() + deliveryMs;
		while ([...this.#connections].some(({ delivered }) => !delivered) && performance.now() < deadline) {
			await sleep(2);
		}
	}
}

function bindError(error: unknown, address: Address): OrchestraError {
	const code = (error as NodeJS.ErrnoException | undefined)?.code;
	const name = formatAddress(address);
	if (code === 'EADDRINUSE') {
		return new OrchestraError('address_in_use', `${name} is taken already`, {
			hint: 'Stop what listens there, or choose another: orchestra serve --listen quic://127.0.0.1:0 takes any free port.',
			cause: error,
		});
	}
	return new OrchestraError('unreachable', `cannot listen at ${name}: ${(error as Error).message}`, {
		hint: 'The address has to be one of this machine.',
		cause: error,
	});
}
