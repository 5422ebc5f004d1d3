import { Buffer } from 'node:buffer';
import { maxIndexDigits, readIndex } from './array-index.ts';
import { readKey } from './key-cache.ts';
import { OrchestraError } from './orchestra-error.ts';
import { readText } from './utf8-text.ts';

/** Groups in unknown fields may be nested this deep. Nobody has written groups since proto2. */
const maxGroupDepth = 100;

/** Bytes of a message from which on a view of it pays: it reads numbers faster, and costs as much as reading a few. */
const viewedBytes = 4096;

/**
 * Reads the fields of one protobuf message. It never reads beyond the end of the message that is open, whatever the
 * bytes are; everything that is wrong with them throws an OrchestraError `malformed_message`.
 */
export class MessageReader {
	readonly #buffer: Buffer;
	/** View that reads the numbers of a large message; made for the first. */
	#view: DataView | undefined;
	#at = 0;
	/** The end of the message that is open. */
	#end: number;
	#cost: number;
	readonly #mostCost: number;

	/** @param mostCost bytes of memory that the message may take, its own length included; default no limit */
	constructor(payload: Uint8Array, mostCost: number = Number.MAX_SAFE_INTEGER) {
		this.#cost = payload.length;
		this.#mostCost = mostCost;
		this.#buffer = Buffer.isBuffer(payload)
			? payload
			: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
		this.#end = payload.length;
	}

	/** Bytes of memory that what was read so far takes, about, with the message itself. */
	get cost(): number {
		return this.#cost;
	}

	/**
	 * Counts bytes of memory that what is read takes besides its own length. Containers are counted when they end, since a call for each value
	 * would be felt: it is late by the values of one list or object.
	 *
	 * @throws OrchestraError `overloaded` beyond what it may take
	 */
	charge(bytes: number): void {
		this.#cost += bytes;
		if (this.#cost > this.#mostCost) throw tooCostly();
	}

	/** Whether the message that is open has more fields. */
	get more(): boolean {
		return this.#at < this.#end;
	}

	/** Opens the nested message that follows. What it returns goes to {@link leave} after the last field. */
	enter(): number {
		const length = this.#length();
		const outer = this.#end;
		this.#end = this.#at + length;
		return outer;
	}

	/** Closes a nested message, all of whose fields were read. */
	leave(outer: number): void {
		this.#end = outer;
	}

	/** The tag of the next field: its number and its wire type. */
	tag(): number {
		if (this.#at < this.#end) {
			const byte = this.#buffer[this.#at] as number;
			if (byte < 0x80 && byte >= 8) {
				this.#at++;
				return byte;
			}
		}
		const start = this.#at;
		const tag = this.uint32();
		if (this.#at - start > 5 || tag < 8) throw this.#malformed('a field has no valid tag');
		return tag;
	}

	/** The low 32 bits of an integer, as protobuf reads a uint32. */
	uint32(): number {
		const buffer = this.#buffer;
		let value = 0;
		for (let shift = 0; shift < 70; shift += 7) {
			if (this.#at >= this.#end) throw this.#malformed('a number is cut off');
			const byte = buffer[this.#at++] as number;
			if (shift < 32) value |= (byte & 0x7f) << shift;
			if (byte < 0x80) return value >>> 0;
		}
		throw this.#malformed('a number has too many bytes');
	}

	/** An int32, or the number of an enum value. */
	int32(): number {
		return this.uint32() | 0;
	}

	/** A 64 bit integer. Beyond 2^53 it is the nearest number, as JavaScript has it. */
	int64(): number {
		const buffer = this.#buffer;
		let value = 0n;
		let small = 0;
		for (let i = 0; i < 10; i++) {
			if (this.#at >= this.#end) throw this.#malformed('a number is cut off');
			const byte = buffer[this.#at++] as number;
			if (i < 7) small += (byte & 0x7f) * 2 ** (7 * i);
			else value |= BigInt(byte & 0x7f) << BigInt(7 * i);
			if (byte < 0x80) return i < 7 ? small : Number(BigInt.asIntN(64, value | BigInt(small)));
		}
		throw this.#malformed('a number has too many bytes');
	}

	bool(): boolean {
		if (this.#at < this.#end) {
			const byte = this.#buffer[this.#at] as number;
			if (byte < 0x80) {
				this.#at++;
				return byte !== 0;
			}
		}
		let value = false;
		for (let i = 0; i < 10; i++) {
			if (this.#at >= this.#end) throw this.#malformed('a number is cut off');
			const byte = this.#buffer[this.#at++] as number;
			if ((byte & 0x7f) !== 0) value = true;
			if (byte < 0x80) return value;
		}
		throw this.#malformed('a number has too many bytes');
	}

	double(): number {
		const at = this.#at;
		if (this.#end - at < 8) throw this.#malformed('a number is cut off');
		this.#at = at + 8;
		const whole = this.#buffer;
		if (whole.length < viewedBytes) return whole.readDoubleLE(at);
		this.#view ??= new DataView(whole.buffer, whole.byteOffset, whole.length);
		return this.#view.getFloat64(at, true);
	}

	string(): string {
		const length = this.#length();
		const start = this.#at;
		this.#at = start + length;
		return readText(this.#buffer, start, start + length);
	}

	/**
	 * The google.protobuf.Value that follows, with its length, where it is one scalar as everybody writes it: most are, and a field at a time
	 * takes twice as long.
	 *
	 * @returns undefined where it is anything else; nothing has been read then
	 */
	plainValue(): null | boolean | number | string | undefined {
		const buffer = this.#buffer;
		const at = this.#at;
		if (this.#end - at < 3) return undefined;
		const length = buffer[at] as number;
		if (length < 2 || length >= 0x80 || length >= this.#end - at) return undefined;
		const next = buffer[at + 2] as number;
		switch (buffer[at + 1]) {
			case 0x08:
				if (length !== 2 || next >= 0x80) return undefined;
				this.#at = at + 3;
				return null;
			case 0x20:
				if (length !== 2 || next >= 0x80) return undefined;
				this.#at = at + 3;
				return next !== 0;
			case 0x11: {
				if (length !== 9) return undefined;
				this.#at = at + 2;
				const number = this.double();
				if (Number.isFinite(number)) return number;
				this.#at = at;
				return undefined;
			}
			case 0x1a:
				if (next !== length - 2) return undefined;
				this.#at = at + 1 + length;
				return readText(buffer, at + 3, at + 1 + length);
			default:
				return undefined;
		}
	}

	/** A string that is likely to have been seen before. */
	key(): string {
		const length = this.#length();
		const start = this.#at;
		this.#at = start + length;
		return readKey(this.#buffer, start, start + length);
	}

	/** Reads the name of a property, as {@link key} does. One that is an array index comes as a number: the engine takes it for one anyway. */
	propertyName(): string | number {
		const length = this.#length();
		const start = this.#at;
		this.#at = start + length;
		const end = start + length;
		const index = length <= maxIndexDigits ? readIndex(this.#buffer, start, end) : -1;
		return index >= 0 ? index : readKey(this.#buffer, start, end);
	}

	/** A view of the message's own bytes, not a copy. */
	bytes(): Uint8Array {
		const length = this.#length();
		const start = this.#at;
		this.#at = start + length;
		return new Uint8Array(this.#buffer.buffer, this.#buffer.byteOffset + start, length);
	}

	/** Passes over a field that nobody asked for. */
	skip(tag: number, groupDepth = 0): void {
		switch (tag & 7) {
			case 0:
				this.bool();
				break;
			case 1:
				this.#pass(8);
				break;
			case 2:
				this.#pass(this.#length());
				break;
			case 3:
				if (groupDepth >= maxGroupDepth) throw this.#malformed('groups are nested too deep');
				for (let inner = this.tag(); inner !== tag + 1; inner = this.tag()) this.skip(inner, groupDepth + 1);
				break;
			case 5:
				this.#pass(4);
				break;
			default:
				throw this.#malformed('a field has an unknown wire type');
		}
	}

	/** The length of what follows, all of which lies within the message that is open. */
	#length(): number {
		const at = this.#at;
		let length = at < this.#end ? (this.#buffer[at] as number) : 0x80;
		if (length < 0x80) this.#at = at + 1;
		else {
			length = this.uint32();
			if (this.#at - at > 5) throw this.#malformed('a length has too many bytes');
		}
		if (length > this.#end - this.#at) throw this.#malformed('a length points past the end');
		return length;
	}

	#pass(bytes: number): void {
		if (bytes > this.#end - this.#at) throw this.#malformed('a field is cut off');
		this.#at += bytes;
	}

	#malformed(what: string): OrchestraError {
		return new OrchestraError(
			'malformed_message',
			`the message cannot be read: ${what} at byte ${this.#at}`,
			{
				hint: 'The peer speaks another protocol, or a fault on the way changed the bytes.',
			},
		);
	}
}

function tooCostly(): OrchestraError {
	return new OrchestraError('overloaded', 'the message takes more memory than there is left for it', {
		retryable: true,
		hint: 'Wait for other calls to end, or send less at once.',
	});
}
