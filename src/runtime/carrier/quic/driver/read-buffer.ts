/** Bytes of one piece of memory. Messages that are kept keep the whole piece they are in. */
const pieceBytes = 64 * 1024;

/** Space that must be left for another read, in bytes; less would cut messages needlessly. */
const minSpaceBytes = 4 * 1024;

/**
 * Memory that streams are read into. What was taken is never written again, since decoded messages may be views of it; so a
 * message is copied out of quiche once, and into nothing else.
 */
export class ReadBuffer {
	#piece = Buffer.allocUnsafeSlow(pieceBytes);
	#used = 0;
	/** Bytes that were read, those included that were dropped. */
	total = 0;

	/** Free part to read into. */
	space(): Uint8Array {
		if (pieceBytes - this.#used < minSpaceBytes) {
			this.#piece = Buffer.allocUnsafeSlow(pieceBytes);
			this.#used = 0;
		}
		return this.#used === 0 ? this.#piece : this.#piece.subarray(this.#used);
	}

	/** Takes the first `length` bytes of {@link space}. */
	take(length: number): Uint8Array {
		this.total += length;
		const start = this.#used;
		this.#used += length;
		return this.#piece.subarray(start, this.#used);
	}

	/** Counts bytes that were read into {@link space} and are not wanted. */
	drop(length: number): void {
		this.total += length;
	}
}
