import { clearTimeout, setTimeout } from 'node:timers';
import type { QuicDriver } from '../driver/quic-driver.ts';

/** Handshakes that may be under way at once; the oldest gives way to a newcomer. */
const maxHandshakes = 256;

/** Bytes of handshake packets that one client may send; a Go client with a session ticket needs 7,720. */
const maxBytesEach = 16 * 1024;

/** Bytes of handshake packets that all unfinished handshakes may have sent; the largest of them gives way. */
const maxBytesInAll = 2 * 1024 * 1024;

/** Milliseconds that a client has for its handshake. */
const handshakeMs = 10_000;

/**
 * Bytes of memory that an unfinished handshake holds and never touches, so that it takes address space only. The binding's native
 * memory is freed by garbage collection alone, and V8 knows nothing of its size; this it knows, and collects in time.
 */
const ballastBytes = 1024 * 1024;

/** Handshakes under way from which on each has its ballast: fewer are no attack, and a collection costs an eighth of a connection. */
const ballastFrom = 16;

interface Handshake {
	bytes: number;
	readonly originalKey: string;
	readonly id: Buffer;
	readonly timer: ReturnType<typeof setTimeout>;
	readonly ballast: Buffer | undefined;
}

/**
 * The handshakes of a listener that are under way, in the order in which they began. What they may cost is bounded for each and in
 * sum, and a full table is no reason to refuse a newcomer: a bound for each address would lock out those behind one address.
 */
export class UnfinishedHandshakes {
	readonly #handshakes = new Map<QuicDriver, Handshake>();
	readonly #giveUp: (driver: QuicDriver) => void;
	#bytes = 0;

	/** @param giveUp ends a handshake; it calls {@link remove} */
	constructor(giveUp: (driver: QuicDriver) => void) {
		this.#giveUp = giveUp;
	}

	get size(): number {
		return this.#handshakes.size;
	}

	/** Ends the oldest ones until there is room for another. Before a connection is made, so that two never share the room. */
	makeRoom(): void {
		for (const driver of this.#handshakes.keys()) {
			if (this.#handshakes.size < maxHandshakes) return;
			this.#giveUp(driver);
		}
	}

	/**
	 * @param id our connection id
	 * @param originalKey what the connection is found by until the client knows that id
	 */
	add(driver: QuicDriver, id: Buffer, originalKey: string): void {
		const timer = setTimeout(() => this.#giveUp(driver), handshakeMs);
		timer.unref();
		const ballast = this.size < ballastFrom ? undefined : Buffer.allocUnsafeSlow(ballastBytes);
		this.#handshakes.set(driver, { bytes: 0, originalKey, id, timer, ballast });
	}

	/**
	 * Counts a datagram, before quiche gets it. Where it is too much, this handshake or the largest one ends.
	 *
	 * @param destinationId what the client calls us: our own id, once it has received something at its address
	 * @param bytes those of handshake packets
	 * @returns false where this handshake has ended
	 */
	count(driver: QuicDriver, destinationId: Buffer, bytes: number): boolean {
		const handshake = this.#handshakes.get(driver);
		if (!handshake) return true;
		if (destinationId.equals(handshake.id)) driver.provedAddress = true;
		handshake.bytes += bytes;
		this.#bytes += bytes;
		if (handshake.bytes > maxBytesEach && !driver.native.isEstablished()) this.#giveUp(driver);
		else if (this.#bytes > maxBytesInAll) this.#giveUp(this.#largest() ?? driver);
		return this.#handshakes.has(driver);
	}

	/** A handshake is done, or has ended. @returns the key that it was added with */
	remove(driver: QuicDriver): string | undefined {
		const handshake = this.#handshakes.get(driver);
		if (!handshake) return undefined;
		clearTimeout(handshake.timer);
		this.#bytes -= handshake.bytes;
		this.#handshakes.delete(driver);
		return handshake.originalKey;
	}

	#largest(): QuicDriver | undefined {
		let largest: QuicDriver | undefined;
		let most = -1;
		for (const [driver, { bytes }] of this.#handshakes) {
			if (bytes > most) [largest, most] = [driver, bytes];
		}
		return largest;
	}
}
