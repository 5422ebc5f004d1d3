/** Bytes of headers, acknowledgements and other small frames that come with a packet. */
const bytesPerPacket = 64;

/** Share of what was read that may have come twice: where packets come late, a sender takes them for lost. */
const twiceShare = 0.25;

/** Share of what was sent that its acknowledgements, and the credit for more, take. */
const acknowledgementShare = 0.02;

/** Bytes that any connection may have unexplained. */
const uncountedBytes = 256 * 1024;

/** Bytes of memory that the engine takes for each byte, where it comes in CRYPTO frames of one byte. */
const costOfByte = 20;

/** Milliseconds after which data behind a gap should have been read. */
const gapMs = 500;

/** Bytes that may be behind gaps on a connection of which nothing was read yet, and on any. */
const firstGapBytes = 1024 * 1024;
const maxGapBytes = 16 * 1024 * 1024;

/** Totals of a connection. Strangers have no part in them: only packets count that the peer sealed, and each of them once. */
export interface Traffic {
	readonly recv: number;
	readonly recvBytes: number;
	readonly sentBytes: number;
}

/**
 * Bytes of a connection that went into no stream: quiche 0.18 keeps CRYPTO frames after the handshake, path challenges, connection ids to
 * retire and data behind a gap, and tells nobody. What came explained is taken off at once, so that nobody can save it up.
 */
export class UnexplainedBytes {
	#before: Traffic = { recv: 0, recvBytes: 0, sentBytes: 0 };
	#read = 0;
	#bytes = 0;
	/** The least that counts in this stretch of time, and in the one before: what stays is behind no gap. */
	#least = 0;
	#lasting = 0;
	/** The most that may have waited in these: it takes a moment until it is read. */
	#most = 0;
	#waited = 0;
	#stretchBegan = 0;

	/** The memory that the engine holds at the very most, with what is not counted, in bytes. */
	get worstMemory(): number {
		return costOfByte * this.#bytes;
	}

	/**
	 * @param read bytes that were read from streams, in all
	 * @param waiting bytes that may wait in streams which we do not read at the moment; they are not counted
	 * @param now on the clock of performance.now()
	 * @returns the memory that the engine may hold for it, in bytes
	 */
	memoryFor(traffic: Traffic, read: number, waiting: number, now: number): number {
		const before = this.#before;
		const explained =
			(read - this.#read) * (1 + twiceShare) +
			(traffic.recv - before.recv) * bytesPerPacket +
			(traffic.sentBytes - before.sentBytes) * acknowledgementShare;
		this.#bytes = Math.max(0, this.#bytes + traffic.recvBytes - before.recvBytes - explained);
		this.#before = traffic;
		this.#read = read;
		if (now - this.#stretchBegan >= gapMs) {
			this.#stretchBegan = now;
			this.#lasting = this.#least;
			this.#least = Number.POSITIVE_INFINITY;
			this.#waited = this.#most;
			this.#most = 0;
		}
		this.#most = Math.max(this.#most, waiting);
		const notRead = Math.max(this.#most, this.#waited);
		const counted = Math.max(0, this.#bytes - notRead - uncountedBytes);
		this.#least = Math.min(this.#least, counted);
		this.#lasting = Math.min(this.#lasting, counted);
		const plain = Math.min(counted - this.#lasting, firstGapBytes + read, maxGapBytes);
		return plain + costOfByte * (counted - plain);
	}
}
