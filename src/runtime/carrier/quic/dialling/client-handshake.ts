import { formatAddress } from '../../address.ts';
import type { Peer } from '../../peer.ts';
import type { ConnectionEnd } from '../driver/connection-end.ts';
import { peerOf } from '../driver/peer-of.ts';
import type { DriverOwner, QuicDriver } from '../driver/quic-driver.ts';
import { ReadBuffer } from '../driver/read-buffer.ts';
import { readAndDrop } from '../driver/stream-input.ts';

/** The first client-initiated unidirectional stream. */
const probeStream = 2;

/** Receives the outcome of a {@link ClientHandshake}: exactly one of the two, once. */
export interface HandshakeListener {
	/** The peer has accepted us. False from `accepts` ends it instead. */
	confirmed(peer: Peer): void;
	/** `peer` is undefined where the certificate names nobody. Tells whether the handshake goes on; if not, the driver was closed. */
	accepts(peer: Peer | undefined): boolean;
	failed(end: ConnectionEnd): void;
}

/**
 * Owns a client's driver until the server is known to have accepted the client's certificate.
 *
 * In TLS 1.3 the client is done before the server has looked at the client's certificate, and quiche does not tell when
 * QUIC's own confirmation arrives. So one byte is sent on a stream of its own that no peer gives a meaning to: a server may not
 * read, let alone acknowledge, data before the client's certificate was verified (RFC 9001, 5.7), and quiche forgets the
 * stream when that acknowledgement arrives.
 */
export class ClientHandshake implements DriverOwner {
	readonly #driver: QuicDriver;
	readonly #listener: HandshakeListener;
	readonly #buffer = new ReadBuffer();
	#peer: Peer | undefined;
	#probing = false;

	constructor(driver: QuicDriver, listener: HandshakeListener) {
		this.#driver = driver;
		this.#listener = listener;
		driver.owner = this;
	}

	established(): void {
		const { native, remote } = this.#driver;
		const peer = peerOf(native, formatAddress({ carrier: 'quic', ...remote }));
		if (!this.#listener.accepts(peer)) return;
		this.#peer = peer;
	}

	readable(streamId: number): void {
		readAndDrop(streamId, this.#driver.native, this.#buffer);
	}

	write(): void {
		if (!this.#peer || this.#probing) return;
		this.#probing = true;
		const { native } = this.#driver;
		if (native.peerStreamsLeftUni() > 0) native.streamSend(probeStream, Uint8Array.of(0), true);
	}

	settle(received: boolean): boolean {
		const { native } = this.#driver;
		// A refusal that has arrived counts, whatever was acknowledged beside it.
		if (!this.#peer || !received || native.isDraining()) return false;
		try {
			native.streamCapacity(probeStream);
		} catch {
			this.#listener.confirmed(this.#peer);
		}
		return false;
	}

	ended(end: ConnectionEnd): void {
		this.#listener.failed(end);
	}
}
