import { randomBytes } from 'node:crypto';
import type { RemoteInfo } from 'node:dgram';
import type { Identity } from '../../../identity/identity.ts';
import { isLoopback } from '../../address.ts';
import { withoutScope } from '../dialling/resolve-host.ts';
import {
	connectionIdBytes,
	connectionKey,
	handshakeBytes,
	hasLongHeader,
	type LongHeader,
	readInitialToken,
	readLongHeader,
	shortHeaderKey,
} from '../driver/packet-header.ts';
import { QuicDriver } from '../driver/quic-driver.ts';
import type { UdpSocket } from '../driver/udp-socket.ts';
import { createQuicConfig } from '../native/quic-config.ts';
import type { HostPort, Quiche, QuicheConfig } from '../native/quiche.ts';
import { RetryTokens } from './retry-tokens.ts';
import { UnfinishedHandshakes } from './unfinished-handshakes.ts';

/** Bytes of the smallest datagram that may start a connection (RFC 9000, 14.1). */
const minInitialBytes = 1200;

/** The first server-initiated unidirectional stream. */
const gaugeStream = 3;

/** Handshakes under way from which on a client on loopback has to prove its address first; any other always has to. */
const retryFrom = 16;

/** Bytes of a key for session tickets. */
const ticketKeyBytes = 48;

/**
 * Gives each datagram of a listener's socket to its connection, and starts connections. Connections are found by the id that
 * they gave themselves, since a client's address may change; before the client knows that id, by the one it made up.
 */
export class ConnectionIntake {
	/** Datagrams that belong to no connection and start none. */
	dropped = 0;
	readonly #quiche: Quiche;
	readonly #socket: UdpSocket;
	readonly #start: (driver: QuicDriver) => void;
	readonly #drivers = new Map<number, QuicDriver>();
	readonly #keys = new Map<QuicDriver, number>();
	readonly #byOriginalId = new Map<string, QuicDriver>();
	readonly #handshakes = new UnfinishedHandshakes((driver) => {
		driver.abandon();
		this.remove(driver);
	});
	readonly #tokens = new RetryTokens();
	#loopback: QuicheConfig;
	#remote: QuicheConfig;
	#stopped = false;

	/** @param start takes a connection whose handshake begins */
	constructor(quiche: Quiche, socket: UdpSocket, identity: Identity, start: (driver: QuicDriver) => void) {
		this.#quiche = quiche;
		this.#socket = socket;
		this.#start = start;
		this.#loopback = createQuicConfig(quiche, identity, '127.0.0.1');
		this.#remote = createQuicConfig(quiche, identity, '');
	}

	/** For the connections to come. */
	setIdentity(identity: Identity): void {
		const loopback = createQuicConfig(this.#quiche, identity, '127.0.0.1');
		this.#remote = createQuicConfig(this.#quiche, identity, '');
		this.#loopback = loopback;
	}

	datagram(bytes: Buffer, info: RemoteInfo): void {
		const host = withoutScope(info.address);
		if (!hasLongHeader(bytes)) {
			const key = shortHeaderKey(bytes);
			const driver = key === undefined ? undefined : this.#drivers.get(key);
			if (driver) driver.receive(bytes, host, info.port);
			else this.dropped++;
			return;
		}
		const header = readLongHeader(bytes);
		const driver =
			header && (this.#known(header, host, info.port) ?? this.#begin(bytes, header, host, info.port));
		if (!header || !driver) this.dropped++;
		else if (this.#handshakes.count(driver, header.destinationId, handshakeBytes(bytes))) {
			driver.receive(bytes, host, info.port);
		}
	}

	/** A handshake is done: from here on the client uses our id. */
	established(driver: QuicDriver): void {
		const original = this.#handshakes.remove(driver);
		if (original === undefined) return;
		// Whoever finished a handshake has received what was sent.
		driver.provedAddress = true;
		this.#byOriginalId.delete(original);
	}

	/** A connection is gone. */
	remove(driver: QuicDriver): void {
		this.established(driver);
		const key = this.#keys.get(driver);
		if (key !== undefined) this.#drivers.delete(key);
		this.#keys.delete(driver);
	}

	/** Starts no more connections. */
	stop(): void {
		this.#stopped = true;
	}

	/** Forgets all connections, those included whose handshake is under way. */
	abandonAll(): void {
		for (const driver of [...this.#keys.keys()]) {
			driver.abandon();
			this.remove(driver);
		}
	}

	#known(header: LongHeader, host: string, port: number): QuicDriver | undefined {
		const { destinationId } = header;
		const byKey =
			destinationId.length === connectionIdBytes
				? this.#drivers.get(connectionKey(destinationId))
				: undefined;
		return byKey ?? this.#byOriginalId.get(originalKey(destinationId, host, port));
	}

	#begin(bytes: Buffer, header: LongHeader, host: string, port: number): QuicDriver | undefined {
		// A client pads what starts a connection, so that the answer cannot be larger than the question.
		if (this.#stopped || bytes.length < minInitialBytes || header.destinationId.length < 8) return undefined;
		if (header.version === 0) return undefined;
		const from = { host, port };
		if (!this.#quiche.versionIsSupported(header.version)) {
			this.#answer(from, (out) => this.#quiche.negotiateVersion(header.sourceId, header.destinationId, out));
			return undefined;
		}
		if (!header.initial) return undefined;
		const token = readInitialToken(bytes, header);
		if (!token) return undefined;
		const originalId = token.length > 0 ? this.#tokens.redeem(token, header.destinationId, from) : undefined;
		if (!originalId && (this.#handshakes.size >= retryFrom || !isLoopback(host))) {
			this.#askToRetry(header, from);
			return undefined;
		}
		// After a retry the id is one that we made up, and quiche checks that it is kept.
		const id = originalId ? Buffer.from(header.destinationId) : this.#newId();
		return this.#accept(id, originalId, header.destinationId, from);
	}

	#accept(
		id: Buffer,
		originalId: Buffer | undefined,
		destinationId: Buffer,
		from: HostPort,
	): QuicDriver | undefined {
		const config = isLoopback(from.host) ? this.#loopback : this.#remote;
		this.#handshakes.makeRoom();
		let driver: QuicDriver;
		try {
			// A ticket would take the place of a certificate that may have expired since; so no ticket is ever good.
			config.setTicketKey(randomBytes(ticketKeyBytes));
			const native = this.#quiche.Connection.accept(id, originalId ?? null, this.#socket.local, from, config);
			driver = new QuicDriver(native, this.#socket, from, gaugeStream);
			driver.provedAddress = originalId !== undefined;
		} catch {
			return undefined;
		}
		const key = connectionKey(id);
		this.#drivers.set(key, driver);
		this.#keys.set(driver, key);
		const original = originalKey(destinationId, from.host, from.port);
		this.#byOriginalId.set(original, driver);
		this.#handshakes.add(driver, id, original);
		this.#start(driver);
		return driver;
	}

	#askToRetry(header: LongHeader, from: HostPort): void {
		const id = this.#newId();
		const token = this.#tokens.issue(header.destinationId, id, from);
		this.#answer(from, (out) =>
			this.#quiche.retry(header.sourceId, header.destinationId, id, token, header.version, out),
		);
	}

	#answer(to: HostPort, write: (out: Uint8Array) => number): void {
		try {
			this.#socket.send(write(this.#socket.out), to);
		} catch {
			// An address that cannot be answered was made up.
		}
	}

	#newId(): Buffer {
		for (;;) {
			const id = randomBytes(connectionIdBytes);
			if (!this.#drivers.has(connectionKey(id))) return id;
		}
	}
}

/** With the address, so that nobody can take another client's place by making up the same id. */
function originalKey(id: Buffer, host: string, port: number): string {
	return `${id.toString('latin1')} ${host} ${port}`;
}
