/**
 * The last bytes of a stream. Each byte has a place in the stream, counted from 0, so that a reader goes on exactly where it was.
 * Appending costs what is appended, however full it is.
 */
export class OutputBuffer {
	readonly #capacity: number;
	#ring = Buffer.alloc(0);
	#end = 0;
	#length = 0;

	/** @param capacity bytes that are kept; 0 or less keeps none */
	constructor(capacity: number) {
		this.#capacity = Math.max(0, Math.floor(capacity));
	}

	/** The place of the first byte that is kept. */
	get start(): number {
		return this.#end - this.#length;
	}

	/** The place behind the last byte: all that was ever appended. */
	get end(): number {
		return this.#end;
	}

	/** Bytes that are kept. */
	get length(): number {
		return this.#length;
	}

	/** Takes a copy of some bytes; the oldest go where there is no room. */
	append(data: Uint8Array): void {
		const capacity = this.#capacity;
		const kept = data.length > capacity ? data.subarray(data.length - capacity) : data;
		this.#grow(this.#length + kept.length);
		const from = this.#end + data.length - kept.length;
		this.#end += data.length;
		this.#length = Math.min(capacity, this.#length + data.length);
		if (kept.length === 0) return;
		const at = from % this.#ring.length;
		const first = Math.min(kept.length, this.#ring.length - at);
		this.#ring.set(kept.subarray(0, first), at);
		this.#ring.set(kept.subarray(first), 0);
	}

	/** A copy of bytes from a place on that is kept; empty at the end. */
	read(from: number, bytes: number): Buffer {
		const begin = Math.max(from, this.start);
		const count = Math.max(0, Math.min(bytes, this.#end - begin));
		const copy = Buffer.allocUnsafe(count);
		if (count === 0) return copy;
		const at = begin % this.#ring.length;
		const first = this.#ring.copy(copy, 0, at, Math.min(at + count, this.#ring.length));
		this.#ring.copy(copy, first, 0, count - first);
		return copy;
	}

	/** A copy of all that is kept. */
	getAll(): Buffer {
		return this.read(this.start, this.#length);
	}

	/** Most sessions put out little: the ring is as large as what it holds, in powers of two, up to the capacity. */
	#grow(needed: number): void {
		if (needed <= this.#ring.length || this.#ring.length === this.#capacity) return;
		let size = Math.max(this.#ring.length, 4096);
		while (size < needed) size *= 2;
		size = Math.min(size, this.#capacity);
		const kept = this.getAll();
		const ring = Buffer.allocUnsafe(size);
		const at = this.start % size;
		const first = kept.copy(ring, at, 0, Math.min(kept.length, size - at));
		kept.copy(ring, 0, first);
		this.#ring = ring;
	}
}
