import { describe, expect, test } from 'vitest';
import type { DecodedSize } from '../../src/runtime/wire/decoded-size.ts';
import { decodeRequest, encodeRequestFrame, frameHeaderBytes } from '../../src/runtime/wire/frame.ts';
import type { JsonObject, JsonValue } from '../../src/runtime/wire/json-value.ts';
import { scatteredFrom } from '../../src/runtime/wire/scattered-properties.ts';
import { setOwn } from '../../src/runtime/wire/set-own.ts';

const count = 4 * scatteredFrom;

/** Properties in their order, as a message has them: an object would put numbers first, from the lowest up. */
type Entries = (readonly [name: string, value: JsonValue])[];

function bytesOf(text: string): Buffer {
	return Buffer.from(text);
}

/** A field with its length. */
function field(tag: number, bytes: Uint8Array): Buffer {
	const length: number[] = [];
	for (let rest = bytes.length; ; rest >>>= 7) {
		if (rest < 128) {
			length.push(rest);
			break;
		}
		length.push((rest & 127) | 128);
	}
	return Buffer.concat([Buffer.from([tag, ...length]), bytes]);
}

/** A request with one call, whose arguments are these entries as texts: field 14 of a request, 2 of a call, 1 of a Struct. */
function payloadOf(...parts: Entries[]): Uint8Array {
	const frame = encodeRequestFrame({
		requestId: 'r',
		toolCall: { toolName: 't', arguments: { '': 'mark' } },
	});
	const payload = Buffer.from(frame.subarray(frameHeaderBytes));
	const mark = field(
		0x0a,
		Buffer.concat([field(0x0a, bytesOf('')), field(0x12, field(0x1a, bytesOf('mark')))]),
	);
	const structTag = payload[payload.indexOf(mark) - 2] as number;
	const callTag = payload.subarray(field(0x0a, bytesOf('r')).length);
	const structs = parts.map((entries) =>
		field(
			structTag,
			Buffer.concat(
				entries.map(([name, value]) =>
					field(
						0x0a,
						Buffer.concat([field(0x0a, bytesOf(name)), field(0x12, field(0x1a, bytesOf(String(value))))]),
					),
				),
			),
		),
	);
	const tagBytes = callTag.subarray(0, callTag.findIndex((byte) => byte < 128) + 1);
	return Buffer.concat([
		field(0x0a, bytesOf('r')),
		tagBytes,
		field(0, Buffer.concat([field(0x0a, bytesOf('t')), ...structs])).subarray(1),
	]);
}

function read(...parts: Entries[]): JsonObject {
	return decodeRequest(payloadOf(...parts)).toolCall?.arguments as JsonObject;
}

function objectOf(entries: Entries): JsonObject {
	const object: JsonObject = {};
	for (const [name, value] of entries) setOwn(object, name, value);
	return object;
}

const numbered = (indexOf: (at: number) => number): Entries =>
	Array.from({ length: count }, (_, at) => [String(indexOf(at)), `value ${at}`] as const);

describe('an object with thousands of numbers as names', () => {
	const shapes: Record<string, Entries> = {
		'from the highest down': numbered((at) => 1_000_000 - at),
		'from far above up': numbered((at) => 18_000 + at),
		'close together, in no order': numbered((at) => 5_000 + ((at * 7919) % 30_011)),
		'so far from each other that they stay in a table': numbered((at) => (at * 1_000_003) % 4_294_967_291),
		'with the largest index': [
			...numbered((at) => 9_000 - at),
			['4294967294', 'index'],
			['4294967295', 'name'],
		],
		'with names that come again': [
			...numbered((at) => 9_000 - at),
			...numbered((at) => 9_000 - (at % 1_000)),
		],
		'with other names around them, and __proto__': [
			['first', 'a'],
			['__proto__', 'own'],
			...numbered((at) => 9_000 - at),
			['last', 'b'],
			['007', 'no index'],
			['-1', 'nor this'],
		],
		'and more other names': numbered((at) => 9_000 - at).flatMap(([name, value]) => [
			[name, value] as const,
			[`a${name}`, value] as const,
			[`b${name}`, value] as const,
		]),
	};
	test.each(Object.entries(shapes))('%s', (_, entries) => {
		const expected = objectOf(entries);
		const found = read(entries);
		expect(Object.keys(found)).toEqual(Object.keys(expected));
		expect(Object.entries(found)).toEqual(Object.entries(expected));
		expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
	});

	test('in two parts, of which the later one counts', () => {
		const first: Entries = [...numbered((at) => 9_000 - at), ['text', 'first']];
		const second: Entries = [...numbered((at) => 11_000 - at), ['text', 'second']];
		expect(Object.entries(read(first, second))).toEqual(Object.entries(objectOf([...first, ...second])));
	});

	test('counts for the places that it gets', () => {
		const size: DecodedSize = { most: Number.POSITIVE_INFINITY, taken: 0 };
		const names = 100_000;
		const payload = payloadOf(
			Array.from({ length: names }, (_, at) => [String(2_000_000 - 20 * at), 'x'] as const),
		);
		const found = decodeRequest(payload, size);
		expect(Object.keys(found.toolCall?.arguments as JsonObject)).toHaveLength(names);
		expect(size.taken).toBeGreaterThan(2_000_000 * 8);
		expect(() => decodeRequest(payload, { most: size.taken - 1, taken: 0 })).toThrow('takes more memory');
	});
});
