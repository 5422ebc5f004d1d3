import { Buffer } from 'node:buffer';
import { maxMessageBytes } from './limits.ts';
import { messageTooLarge } from './message-too-large.ts';
import { OrchestraError } from './orchestra-error.ts';

/** Bytes of a fresh buffer. Frames share it one after the other until it is used up, so most frames allocate nothing. */
const slabBytes = 64 * 1024;

/** Room in front of what is written, for the fields around a large value: without it they would move it once more. */
const frontBytes = 4096;

/** Up to this many characters a loop beats the call into native code (measured on Node 20). */
const shortTextLength = 36;

/**
 * Writes one protobuf message **from its end to its start**: what a length counts is written before the length, so
 * nothing is measured first and nothing is moved afterwards. Fields are therefore written last one first, and of each
 * field the value first and the tag last.
 */
export class MessageWriter {
	#buffer: Buffer = Buffer.alloc(0);
	#view: DataView = new DataView(new ArrayBuffer(0));
	/** Offset at which the message starts; it ends at `#end`. */
	#start = 0;
	#end = 0;

	/** Bytes written so far: taken before a nested message is written, it is what {@link close} wants. */
	get size(): number {
		return this.#end - this.#start;
	}

	/** Writes the length and the tag of the nested message that was written since the size was `before`. */
	close(before: number, tag: number): void {
		this.varint(this.#end - this.#start - before);
		this.varint(tag);
	}

	/** Any unsigned integer up to 2^53. */
	varint(value: number): void {
		if (this.#start < 10) this.#grow(10);
		if (value < 0x80) {
			this.#buffer[--this.#start] = value;
			return;
		}
		let bytes = 1;
		for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
		let at = this.#start - bytes;
		this.#start = at;
		let rest = value;
		for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#buffer[at++] = (rest % 0x80) | 0x80;
		this.#buffer[at] = rest;
	}

	/**
	 * A 64 bit two's complement integer, as int32, int64 and enums are written; fractions are cut off. Beyond 2^53 it is the
	 * number itself that is written, which need not be the one that a peer once sent.
	 */
	int(value: number): void {
		const whole = Math.trunc(value);
		if (whole >= 0 && whole <= Number.MAX_SAFE_INTEGER) {
			this.varint(whole);
			return;
		}
		if (!(whole >= -(2 ** 63) && whole < 2 ** 63)) {
			throw new OrchestraError('malformed_message', `${value} cannot be sent as an integer`);
		}
		this.#wide(BigInt.asUintN(64, BigInt(whole)));
	}

	/**
	 * A 32 bit unsigned integer. What is out of range is moved to its end; NaN is 0. A fraction is rounded up: 0 often
	 * means that there is no limit.
	 */
	uint32(value: number): void {
		this.varint(Math.min(Math.max(Math.ceil(value) || 0, 0), 0xffffffff));
	}

	bool(value: boolean): void {
		this.varint(value ? 1 : 0);
	}

	double(value: number): void {
		if (this.#start < 8) this.#grow(8);
		this.#start -= 8;
		this.#view.setFloat64(this.#start, value, true);
	}

	/** Bytes with their length. They are copied. */
	bytes(value: Uint8Array): void {
		if (this.#start < value.length) this.#grow(value.length);
		this.#start -= value.length;
		this.#buffer.set(value, this.#start);
		this.varint(value.length);
	}

	/** A text in UTF-8, with its length. A lone surrogate becomes U+FFFD, since UTF-8 has no bytes for it. */
	string(value: string): void {
		if (typeof value !== 'string') {
			throw new OrchestraError(
				'malformed_message',
				`a field of a message has to be a text, not ${typeof value}`,
			);
		}
		const length = value.length;
		if (length > shortTextLength) {
			const bytes = Buffer.byteLength(value);
			if (this.#start < bytes) this.#grow(bytes);
			this.#start -= bytes;
			this.#buffer.write(value, this.#start, bytes);
			this.varint(bytes);
			return;
		}
		if (this.#start < 3 * shortTextLength) this.#grow(3 * shortTextLength);
		const buffer = this.#buffer;
		const end = this.#start;
		let at = end;
		for (let i = length - 1; i >= 0; i--) {
			const code = value.charCodeAt(i);
			if (code < 0x80) buffer[--at] = code;
			else {
				at = end - Buffer.byteLength(value);
				buffer.write(value, at, end - at);
				break;
			}
		}
		this.#start = at;
		this.varint(end - at);
	}

	/**
	 * Puts the 4 bytes of the frame header in front and returns the frame. It stays valid: no later message is written
	 * over it.
	 *
	 * @throws OrchestraError `message_too_large`
	 */
	finishFrame(): Uint8Array {
		const length = this.size;
		if (length > maxMessageBytes) throw messageTooLarge(length);
		if (this.#start < 4) this.#grow(4);
		this.#start -= 4;
		this.#view.setUint32(this.#start, length);
		const frame = this.#buffer.subarray(this.#start, this.#end);
		this.#end = this.#start;
		// A buffer that grew for a large message is not kept alive by the small ones that would follow in it.
		if (this.#buffer.length > slabBytes) this.#take(0);
		return frame;
	}

	/** Forgets what was written of a message that failed. */
	reset(): void {
		this.#start = this.#end;
	}

	/** An unsigned integer up to 2^64. */
	#wide(value: bigint): void {
		if (this.#start < 10) this.#grow(10);
		let bytes = 1;
		for (let rest = value >> 7n; rest > 0n; rest >>= 7n) bytes++;
		let at = this.#start - bytes;
		this.#start = at;
		let rest = value;
		for (; rest >= 0x80n; rest >>= 7n) this.#buffer[at++] = Number(rest & 0x7fn) | 0x80;
		this.#buffer[at] = Number(rest);
	}

	/** Makes room for so many bytes in front. What is written already moves to the end of a larger buffer. */
	#grow(bytes: number): void {
		const size = this.size;
		// Some slack, as what is asked for may be more than what is needed.
		if (size + bytes > maxMessageBytes + 1024) throw messageTooLarge();
		const capacity = Math.max(slabBytes, 2 * size, size + bytes + frontBytes);
		const written = this.#buffer.subarray(this.#start, this.#end);
		this.#take(capacity);
		this.#start -= size;
		this.#buffer.set(written, this.#start);
	}

	#take(capacity: number): void {
		this.#buffer = Buffer.allocUnsafeSlow(capacity);
		this.#view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset, capacity);
		this.#start = capacity;
		this.#end = capacity;
	}
}
