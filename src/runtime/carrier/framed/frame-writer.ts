import type { Writable } from 'node:stream';
import { outputHighWaterBytes, outputLowWaterBytes } from './frame-limits.ts';

/** Small frames are joined up to this size: four TLS records. */
const joinBytes = 64 * 1024;
/** Large frames go out in pieces of this size, so that a slow reader can be told from one that does not read. */
const pieceBytes = 256 * 1024;

/**
 * The outgoing half of a socket. Frames written in one turn leave together; frames beyond the high-water mark wait here, where
 * it is known that they were never sent.
 */
export class FrameWriter {
	readonly #socket: Writable;
	readonly #onDrain: () => void;
	#queue: Uint8Array[] = [];
	/** The first frame of the queue that has not left whole, and how much of it has. */
	#head = 0;
	#headOffset = 0;
	#queuedBytes = 0;
	/** Bytes that the socket has taken and not yet handed to the kernel. */
	#socketBytes = 0;
	#scheduled = false;
	#wasFull = false;
	#ended: 'no' | 'asked' | 'yes' = 'no';
	#taken = 0;
	#started = 0;
	/** Rises whenever the kernel takes bytes. */
	progress = 0;
	/** When bytes were last given to the socket, on the clock of performance.now(). */
	sentAt = performance.now();

	/** @param onDrain called when the writer was {@link full} and has room again */
	constructor(socket: Writable, onDrain: () => void) {
		this.#socket = socket;
		this.#onDrain = onDrain;
	}

	/** Bytes that wait, here or in the socket. */
	get pendingBytes(): number {
		return this.#queuedBytes + this.#socketBytes;
	}

	/** Whether senders should wait. */
	get full(): boolean {
		return this.#wasFull;
	}

	/** Whether any byte of the frame with this number may have left. */
	hasStarted(frameNumber: number): boolean {
		return frameNumber <= this.#started;
	}

	/** Takes a frame, and gives its number. What comes after {@link end} is dropped. */
	write(frame: Uint8Array): number {
		this.#taken += 1;
		if (this.#ended !== 'no') return this.#taken;
		this.#queue.push(frame);
		this.#queuedBytes += frame.length;
		if (this.pendingBytes > outputHighWaterBytes) this.#wasFull = true;
		if (!this.#scheduled) {
			this.#scheduled = true;
			process.nextTick(this.#flush);
		}
		return this.#taken;
	}

	/** Ends the socket's outgoing half when everything has left. */
	end(): void {
		if (this.#ended === 'no') this.#ended = 'asked';
		this.#flush();
	}

	/** Forgets everything. */
	discard(): void {
		this.#ended = 'yes';
		this.#queue = [];
		this.#head = 0;
		this.#queuedBytes = 0;
	}

	readonly #flush = (): void => {
		this.#scheduled = false;
		if (this.#ended === 'yes') return;
		if (this.#queuedBytes > 0) this.sentAt = performance.now();
		while (this.#queuedBytes > 0 && this.#socketBytes < outputHighWaterBytes) {
			const bytes = this.#take();
			const length = bytes.length;
			this.#queuedBytes -= length;
			this.#socketBytes += length;
			this.#socket.write(bytes, (error) => {
				// A socket that fails says so here first: what waits must not leave any more, nor count as having left.
				if (error) this.discard();
				else this.#written(length);
			});
		}
		if (this.#ended === 'asked' && this.#queuedBytes === 0) {
			this.#ended = 'yes';
			this.#socket.end();
		}
	};

	#written(length: number): void {
		this.#socketBytes -= length;
		this.progress += 1;
		if (this.#ended === 'yes') return;
		if (this.#queuedBytes > 0) this.#flush();
		if (this.#wasFull && this.pendingBytes <= outputLowWaterBytes) {
			this.#wasFull = false;
			this.#onDrain();
		}
	}

	/** The next bytes to leave: a piece of a large frame, or as many small frames as fit together. */
	#take(): Uint8Array {
		const first = this.#queue[this.#head] as Uint8Array;
		if (this.#headOffset === 0) this.#started += 1;
		const rest = first.length - this.#headOffset;
		if (rest > joinBytes) {
			const end = Math.min(first.length, this.#headOffset + pieceBytes);
			const piece = first.subarray(this.#headOffset, end);
			if (end === first.length) this.#advance(1);
			else this.#headOffset = end;
			return piece;
		}
		let bytes = rest;
		let after = this.#head + 1;
		for (; after < this.#queue.length; after += 1) {
			const length = (this.#queue[after] as Uint8Array).length;
			if (bytes + length > joinBytes) break;
			bytes += length;
		}
		const tail = this.#headOffset === 0 ? first : first.subarray(this.#headOffset);
		const count = after - this.#head;
		if (count === 1) {
			this.#advance(1);
			return tail;
		}
		const joined = Buffer.allocUnsafe(bytes);
		joined.set(tail, 0);
		let offset = tail.length;
		for (let i = this.#head + 1; i < after; i += 1) {
			const frame = this.#queue[i] as Uint8Array;
			joined.set(frame, offset);
			offset += frame.length;
		}
		this.#started += count - 1;
		this.#advance(count);
		return joined;
	}

	#advance(count: number): void {
		this.#head += count;
		this.#headOffset = 0;
		if (this.#head === this.#queue.length) {
			this.#queue = [];
			this.#head = 0;
		} else if (this.#head > 1024) {
			this.#queue = this.#queue.slice(this.#head);
			this.#head = 0;
		}
	}
}
