/** Bytes that any connection may receive beyond what is explained. */
const baseBytes = 256 * 1024;

/** Bytes that may be under way behind a gap: no more than was read before, and never more than this. */
const maxBehindGapBytes = 4 * 1024 * 1024;

/** Share of what is read that headers, padding and packets that were sent again take. */
const overheadShare = 0.1;

/** Bytes of frames and packet headers that come with one read of a stream. */
const bytesPerRead = 64;

/** Share of what we send that the peer's acknowledgements of it take. */
const acknowledgementShare = 0.02;

/** Bytes a second that keep a connection alive. */
const bytesPerSecond = 64;

/** What is known of a connection's traffic, all in bytes since it began. */
export interface Traffic {
	/** Of all datagrams that came. */
	readonly received: number;
	/** Of streams, handed to their reader. */
	readonly read: number;
	/** How often something was read; a number. */
	readonly reads: number;
	/** Given to quiche to be sent. */
	readonly given: number;
	/** That may wait in streams which we do not read at the moment. */
	readonly held: number;
	/** Since the connection began; milliseconds. */
	readonly ageMs: number;
}

/**
 * Whether a connection received more than its streams and acknowledgements explain. quiche 0.18 keeps whatever CRYPTO frames a
 * peer sends after the handshake, at many times their size, and tells nobody: a connection whose bytes go nowhere has to end.
 */
export function isUnexplained(traffic: Traffic): boolean {
	const { received, read, reads, given, held, ageMs } = traffic;
	const allowed =
		baseBytes +
		Math.min(read, maxBehindGapBytes) +
		read * overheadShare +
		reads * bytesPerRead +
		given * acknowledgementShare +
		(ageMs / 1000) * bytesPerSecond +
		held;
	return received - read > allowed;
}
