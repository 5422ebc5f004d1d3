import { decodeRequest, encodeRequestFrame } from '../../src/runtime/wire/frame.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';

/** The bytes of a request whose arguments are these Struct bytes. */
export function requestWithStruct(struct: Uint8Array): Buffer {
	const call = field(2, struct);
	return field(20, call);
}

/** A length-delimited field. */
export function field(number: number, payload: Uint8Array): Buffer {
	return Buffer.concat([varint(number * 8 + 2), varint(payload.length), payload]);
}

export function varint(value: number): Buffer {
	const bytes: number[] = [];
	let rest = value;
	for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
	bytes.push(rest);
	return Buffer.from(bytes);
}

/** The Struct bytes that a value is written as. */
export function structBytes(value: unknown): Buffer {
	const payload = Buffer.from(encodeRequestFrame({ publish: { payload: value as JsonObject } }).subarray(4));
	const [, inner] = unwrap(payload);
	return unwrap(inner)[1];
}

/** What Struct bytes are read as. */
export function readStructBytes(struct: Uint8Array): JsonObject | undefined {
	return decodeRequest(requestWithStruct(struct)).toolCall?.arguments;
}

/** What a value is after its way to the other end. */
export function overTheWire(value: unknown): JsonObject | undefined {
	return readStructBytes(structBytes(value));
}

function unwrap(bytes: Buffer): [number, Buffer] {
	let at = 0;
	const next = (): number => {
		let value = 0;
		for (let factor = 1; ; factor *= 0x80) {
			const byte = bytes[at++] ?? 0;
			value += (byte & 0x7f) * factor;
			if (byte < 0x80) return value;
		}
	};
	const tag = next();
	const length = next();
	return [tag, bytes.subarray(at, at + length)];
}
