import { field, varint } from '../wire/struct-bytes.ts';

/** A frame with these parts as its payload. */
export function frame(...parts: readonly Uint8Array[]): Buffer {
	const payload = Buffer.concat(parts);
	return Buffer.concat([header(payload.length), payload]);
}

/** The four bytes before a message of this length. */
export function header(length: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32BE(length);
	return bytes;
}

/** The field that every message begins with. */
export function requestId(id: string): Buffer {
	return field(1, Buffer.from(id));
}

/** The field of a tool call, in a request. */
export function toolCallField(name: Uint8Array | string, struct: Uint8Array = Buffer.alloc(0)): Buffer {
	return field(20, Buffer.concat([field(1, Buffer.from(name)), field(2, struct)]));
}

/** The field of the answer to a tool call, in a response. */
export function toolResponseField(struct: Uint8Array): Buffer {
	return field(20, Buffer.concat([varint(8), varint(1), field(2, struct)]));
}

/** A field that no message of the protocol has. */
export const unknownField = field(777, Buffer.from('from the future'));

/** The bytes of a Struct that is nested this deep, the outermost object included. */
export function nestedStruct(levels: number): Buffer {
	// A number, in as many lists as are left below the object.
	let value: Buffer = Buffer.from('11000000000000f03f', 'hex');
	for (let level = 1; level < levels; level++) value = field(6, field(1, value));
	return field(1, Buffer.concat([field(1, Buffer.from('deep')), field(2, value)]));
}

/** Three bytes that begin a character and never end it. */
export const brokenText = Buffer.from([0x61, 0xf0, 0x9f]);
