import type { QuicheConnection } from '../native/quiche.ts';

/** Bytes that a packet takes besides the data in it: headers and tag, generously. */
const packetOverheadBytes = 64;

/** The least that a full packet carries. */
const minPacketBytes = 1200;

/**
 * No congestion window is that large: quiche is about to send a probe after a time-out, and takes anything meanwhile. It will
 * send no more than a packet or two of it.
 */
const probingBytes = 2 ** 32;

/**
 * Bytes that may be given to quiche, so that it can send all of them in the same turn.
 *
 * quiche takes data as far as the congestion window reaches, but does not count the packets' headers, so some of it would wait
 * inside of quiche for acknowledgements. When a stream with waiting data is stopped, quiche 0.18 never completes it: the stream
 * and the peer's right to open another one are lost for ever.
 */
export class SendBudget {
	/** A stream of our own that nothing is ever sent on: it tells what the connection as a whole can send. */
	readonly #gauge: number;
	#gaugeOpen: boolean | undefined;
	/** Bytes that were sent since quiche has counted, beyond the data that it counts itself. */
	#beyond = 0;
	/** Data that was given and not sent yet, and what its packets will take beside it. */
	#given = 0;
	#estimate = 0;
	#congested = false;

	/** @param gauge the number of a unidirectional stream that this end may open and will not use */
	constructor(gauge: number) {
		this.#gauge = gauge;
	}

	/** A datagram came, by which quiche has counted anew what it can send. */
	renew(): void {
		this.#beyond = 0;
		this.#given = 0;
		this.#estimate = 0;
	}

	/** Everything that was given is sent, in packets of so many bytes together. */
	sent(bytes: number): void {
		this.#beyond = Math.max(0, this.#beyond + bytes - this.#given);
		this.#given = 0;
		this.#estimate = 0;
	}

	/**
	 * The part of `wanted` bytes that a stream may be given now.
	 *
	 * @throws what `streamCapacity` throws
	 */
	allow(native: QuicheConnection, streamId: number, wanted: number): number {
		// quiche itself subtracts the data that it was given since it has counted.
		const capacity = native.streamCapacity(streamId);
		const free =
			(capacity > probingBytes ? minPacketBytes - this.#given : capacity) - this.#beyond - this.#estimate;
		if (wanted + overhead(wanted) <= free) return wanted;
		this.#congested ||= capacity >= this.#connectionCapacity(native);
		return Math.max(0, free - overhead(free));
	}

	/** Whether the connection as a whole can send nothing now. False where that was never so: quiche is not asked then. */
	exhausted(native: QuicheConnection): boolean {
		return this.#gaugeOpen === true && native.streamCapacity(this.#gauge) <= this.#beyond + this.#estimate;
	}

	/** Notes what was given. */
	spend(bytes: number): void {
		this.#given += bytes;
		this.#estimate += overhead(bytes);
	}

	/**
	 * Tells quiche that more would have been sent if the congestion window had allowed it: call it when all is sent. Otherwise
	 * the window would never grow, since it looks to quiche as if there was nothing more to send.
	 */
	reportCongestion(native: QuicheConnection): void {
		if (!this.#congested) return;
		this.#congested = false;
		// There has to be something to send, and no room for it: no packet fits here.
		native.sendAckEliciting();
		native.send(noRoom);
	}

	#connectionCapacity(native: QuicheConnection): number {
		this.#gaugeOpen ??=
			native.peerStreamsLeftUni() > 0 && native.streamSend(this.#gauge, noBytes, false) !== null;
		return this.#gaugeOpen ? native.streamCapacity(this.#gauge) : 0;
	}
}

const noBytes = new Uint8Array(0);
const noRoom = new Uint8Array(8);

function overhead(bytes: number): number {
	return packetOverheadBytes * (1 + Math.floor(Math.max(0, bytes) / minPacketBytes));
}
