import type { Server, Socket } from 'node:net';
import { isIP } from 'node:net';
import type { Identity } from '../../identity/identity.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Address } from '../address.ts';
import { formatAddress } from '../address.ts';
import type { Listener, ListenOptions } from '../carrier.ts';
import { FramedServerConnection } from '../framed/framed-server-connection.ts';
import { ServedConnections } from '../framed/served-connections.ts';
import type { Peer } from '../peer.ts';
import { processMemory } from '../request-memory.ts';
import { revokedClient } from '../revoked-peer.ts';
import { listenError } from './socket-error.ts';
import { maxConnections } from './tcp-limits.ts';
import { UnfinishedSockets } from './unfinished-sockets.ts';

/** Deadlines of a listener, in milliseconds; for tests, which cannot wait for the defaults. */
export interface ListenerTimeouts {
	/** Until the TLS handshake is done, and again until the first whole request is here. Default 10 s. */
	readonly handshakeMs?: number | undefined;
	/** Without progress, for a peer that does not read or stops inside a message. Default 30 s. */
	readonly stallMs?: number | undefined;
}

/** Parts of a TCP listener, beside what {@link ListenOptions} say. */
export interface TcpListenerParts extends Omit<ListenOptions, 'identity'> {
	/** Undefined without TLS. */
	readonly identity: Identity | undefined;
	readonly closeWhenIdle: boolean;
	readonly timeouts: ListenerTimeouts;
	readonly setIdentity: (identity: Identity) => void;
}

/** Listens on TCP, with TLS or without: it owns every socket that the server accepts. */
export class TcpListener implements Listener {
	address: Address;
	readonly #server: Server;
	readonly #parts: TcpListenerParts;
	readonly #sockets = new Set<Socket>();
	readonly #unfinished = new UnfinishedSockets();
	readonly #connections = new ServedConnections();
	#identity: Identity | undefined;
	#closing: Promise<void> | undefined;

	constructor(server: Server, address: Address, parts: TcpListenerParts) {
		this.#server = server;
		this.address = address;
		this.#parts = parts;
		this.#identity = parts.identity;
		server.maxConnections = maxConnections;
		server.on('connection', (socket: Socket) => {
			this.#sockets.add(socket);
			this.#unfinished.add(socket);
			socket.once('close', () => this.#sockets.delete(socket));
		});
	}

	get connectionCount(): number {
		return this.#connections.size;
	}

	/** @throws OrchestraError `address_in_use`, `unreachable` */
	async start(): Promise<void> {
		const server = this.#server;
		await new Promise<void>((resolve, reject) => {
			const failed = (error: Error) => reject(listenError(this.address, error));
			server.once('error', failed);
			server.listen({ host: this.address.host, port: this.address.port }, () => {
				server.off('error', failed);
				// From here on an error is a connection that could not be accepted (too many open files, say): the next one may.
				server.on('error', () => undefined);
				resolve();
			});
		});
		const bound = server.address();
		if (!bound || typeof bound !== 'object') return;
		// The literal of a name: whoever reads it need not resolve it to the same one of its addresses.
		const host = isIP(this.address.host) ? this.address.host : bound.address;
		this.address = { ...this.address, host, port: bound.port };
	}

	/** Takes over a socket whose peer is known; undefined means that its certificate names nobody. */
	accept(socket: Socket, peer: Peer | undefined): void {
		this.#unfinished.finished(socket);
		if (this.#closing || !peer) {
			socket.destroy();
			return;
		}
		const { handler, closeWhenIdle, timeouts, memory } = this.#parts;
		const connection = new FramedServerConnection(socket, peer, {
			handler,
			memory: memory ?? processMemory,
			closeWhenIdle,
			firstFrameMs: timeouts.handshakeMs,
			stallMs: timeouts.stallMs,
			onClosed: (closed) => this.#forget(closed),
		});
		this.#connections.add(connection);
		const refusal = revokedClient(this.#identity, peer) ?? this.#notAllowed(peer);
		if (refusal) this.#sendAway(connection, refusal);
	}

	setIdentity(identity: Identity): void {
		this.#parts.setIdentity(identity);
		if (this.#identity === undefined) return;
		this.#identity = identity;
		for (const connection of this.#connections.all()) {
			const refusal = revokedClient(identity, connection.peer);
			if (refusal) this.#sendAway(connection, refusal);
		}
	}

	async close(options: { graceMs?: number } = {}): Promise<void> {
		this.#closing ??= this.#close(options.graceMs ?? 0);
		await this.#closing;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}

	#sendAway(connection: FramedServerConnection, refusal: OrchestraError): void {
		connection.refuse(refusal);
		this.#parts.onRefused?.(connection.peer, refusal);
	}

	#notAllowed(peer: Peer): OrchestraError | undefined {
		try {
			if (this.#parts.authorize?.(peer) ?? true) return undefined;
		} catch {
			// Whoever cannot tell, refuses.
		}
		return new OrchestraError('peer_rejected', `${peer.name || peer.address} is not allowed to connect`, {
			hint: 'Connect under a name that the listener expects.',
		});
	}

	#forget(connection: FramedServerConnection): void {
		if (this.#connections.remove(connection)) this.#parts.onGone?.(connection.peer);
	}

	async #close(graceMs: number): Promise<void> {
		const freed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
		const where = formatAddress(this.address);
		await this.#connections.close(
			graceMs,
			new OrchestraError('connection_lost', `the listener on ${where} was closed`),
		);
		for (const socket of this.#sockets) socket.destroy();
		await freed;
	}
}
