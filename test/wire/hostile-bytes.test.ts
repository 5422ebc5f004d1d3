import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	decodeRequest,
	decodeResponse,
	encodeRequestFrame,
	encodeResponseFrame,
} from '../../src/runtime/wire/frame.ts';
import { FrameDecoder } from '../../src/runtime/wire/frame-decoder.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { messageOf } from './arbitraries.ts';
import { messageType } from './reflective.ts';
import { field, readStructBytes, varint } from './struct-bytes.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const text = (value: string): Buffer => Buffer.from(value);

/** One entry of a Struct's fields: a key and the content of its Value. */
const entry = (key: string, value: Uint8Array): Buffer =>
	field(1, Buffer.concat([field(1, text(key)), field(2, value)]));
const [one, two] = [hex('11 000000000000f03f'), hex('11 0000000000000040')];
const string = (value: string): Buffer => field(3, text(value));
const struct = (...entries: Buffer[]): Buffer => field(5, Buffer.concat(entries));
const list = (...values: Uint8Array[]): Buffer =>
	field(6, Buffer.concat(values.map((value) => field(1, value))));

describe('a Struct that others wrote', () => {
	test.each<[string, Buffer[], unknown]>([
		[
			'of equal keys the last one counts',
			[entry('a', one), entry('b', one), entry('a', two)],
			{ a: 2, b: 1 },
		],
		['a Value without a kind is null', [entry('a', hex(''))], { a: null }],
		['an entry without a value is null', [field(1, field(1, text('a')))], { a: null }],
		['an entry without a key has the empty key', [field(1, field(2, one))], { '': 1 }],
		['an empty entry', [field(1, hex(''))], { '': null }],
		['the value before the key', [field(1, Buffer.concat([field(2, one), field(1, text('a'))]))], { a: 1 }],
		[
			'of several kinds the last one counts',
			[entry('a', Buffer.concat([one, string('s'), hex('20 01')]))],
			{ a: true },
		],
		['null after another kind', [entry('a', Buffer.concat([string('s'), hex('08 00')]))], { a: null }],
		[
			'objects in one Value are merged',
			[entry('a', Buffer.concat([struct(entry('x', one)), struct(entry('y', two), entry('x', two))]))],
			{ a: { x: 2, y: 2 } },
		],
		['lists in one Value are joined', [entry('a', Buffer.concat([list(one), list(two)]))], { a: [1, 2] }],
		[
			'another kind in between starts anew',
			[entry('a', Buffer.concat([struct(entry('x', one)), one, struct(entry('y', two))]))],
			{ a: { y: 2 } },
		],
		[
			'parts of one entry are merged',
			[field(1, Buffer.concat([field(1, text('a')), field(2, list(one)), field(2, list(two))]))],
			{ a: [1, 2] },
		],
		['any number is a true', [entry('a', hex('20 80 80 80 80 10'))], { a: true }],
		['any number is a null', [entry('a', hex('08 ff ff ff ff ff ff ff ff ff 01'))], { a: null }],
		[
			'unknown fields are skipped',
			[
				hex('98 06 05'),
				entry('a', Buffer.concat([field(99, text('zz')), one])),
				hex('9d 06 01020304'),
				hex('99 06 0102030405060708'),
			],
			{ a: 1 },
		],
		['unknown groups are skipped', [hex('9b 06 08 01 9b 06 9c 06 9c 06'), entry('a', one)], { a: 1 }],
		[
			'a known field of another wire type is unknown',
			[hex('08 01'), entry('a', hex('10 05 1d 00000000'))],
			{ a: null },
		],
		['lengths with more bytes than they need', [hex('0a 87 80 00 0a 01 61 12 02 20 01')], { a: true }],
		[
			'characters of one to four bytes, the first and the last of each',
			[entry('\u0080\u07ff', string('\0\u007fa\u0800')), entry('a', string('\uffff\u{10000}\u{10ffff}'))],
			{ '\u0080\u07ff': '\0\u007fa\u0800', a: '\uffff\u{10000}\u{10ffff}' },
		],
		[
			'names that are array indices, and names that only look like it',
			['7', '0', '007', '4294967294', '4294967295', '99999999999', '-1', '1e3', ''].map((name) =>
				entry(name, one),
			),
			{ 0: 1, 7: 1, 4294967294: 1, '007': 1, 4294967295: 1, 99999999999: 1, '-1': 1, '1e3': 1, '': 1 },
		],
		['U+FFFD itself', [entry('\ufffd', string('a\ufffdb'))], { '\ufffd': 'a\ufffdb' }],
		[
			'a byte order mark',
			[entry('\ufeffk', string('\ufeff'.repeat(30)))],
			{ '\ufeffk': '\ufeff'.repeat(30) },
		],
	])('%s', (_name, parts, expected) => {
		deepStrictEqual(readStructBytes(Buffer.concat(parts)), expected);
	});

	test('in two parts is merged', () => {
		const call = Buffer.concat([
			field(2, entry('a', one)),
			field(2, entry('b', two)),
			field(2, entry('a', two)),
		]);
		expect(decodeRequest(field(20, call)).toolCall?.arguments).toEqual({ a: 2, b: 2 });
	});

	test.each<[string, Buffer]>([
		['a length past the end', hex('0a 05 0a 01 61')],
		['a length that is enormous', hex('0a ff ff ff ff 0f')],
		['a length with too many bytes', hex('0a 81 80 80 80 80 80 80 80 80 80 80 01')],
		['a length that ends nowhere', hex('0a ff')],
		['a nested length over the end of its parent', hex('0a 04 0a 05 61 62')],
		['a tag cut off', hex('8a')],
		['field number 0', hex('02 00')],
		['a tag with too many bytes', hex('8a 80 80 80 80 00 00')],
		['wire type 6', hex('0e 00')],
		['wire type 7', hex('0f 00')],
		['the end of a group that never began', hex('0c')],
		['a group that never ends', hex('9b 06 08 01')],
		['a group that another one ends', hex('9b 06 a4 06')],
		['groups without end', Buffer.concat(Array(5000).fill(hex('9b 06')))],
		['a number cut off', entry('a', hex('11 00 00'))],
		['a boolean without an end', entry('a', Buffer.concat([hex('20'), Buffer.alloc(11, 0xff)]))],
		['a key that is not UTF-8', field(1, field(1, hex('61 ff')))],
		['a text that is not UTF-8', entry('a', field(3, hex('c3')))],
		[
			'a long text that is not UTF-8',
			entry('a', field(3, Buffer.concat([Buffer.alloc(100, 0x61), hex('ed a0 80')]))),
		],
		['an overlong form of a character', entry('a', field(3, hex('c0 80')))],
		['an overlong form of three bytes', entry('a', field(3, hex('e0 9f bf')))],
		['an overlong form of four bytes', entry('a', field(3, hex('f0 8f bf bf')))],
		['a surrogate', entry('a', field(3, hex('ed a0 80')))],
		['a character beyond the last', entry('a', field(3, hex('f4 90 80 80')))],
		['a character whose second byte is none', entry('a', field(3, hex('e8 41 9e')))],
		['a character cut off at the end of a text', entry('a', Buffer.concat([field(3, hex('61 e8 aa')), one]))],
	])('%s is a malformed_message', (_name, bytes) => {
		expect(() => readStructBytes(bytes)).toThrow(expect.objectContaining({ code: 'malformed_message' }));
	});

	test.each([
		['NaN', '000000000000f87f'],
		['Infinity', '000000000000f07f'],
		['-Infinity', '000000000000f0ff'],
	])('%s is not_json, and the error says where', (_name, double) => {
		const bytes = entry('a', list(one, hex(`11 ${double}`)));
		expect(() => readStructBytes(bytes)).toThrow(
			expect.objectContaining({ code: 'not_json', details: expect.objectContaining({ pointer: '/a/1' }) }),
		);
	});

	test('100 levels are read, more are nesting_too_deep', () => {
		const deep = (levels: number, wrap: (inner: Buffer) => Buffer): Buffer => {
			let value = one;
			for (let level = 1; level < levels; level++) value = wrap(value);
			return entry('a', value);
		};
		for (const wrap of [(inner: Buffer) => struct(entry('a', inner)), (inner: Buffer) => list(inner)]) {
			expect(readStructBytes(deep(100, wrap))).toBeDefined();
			for (const levels of [101, 102, 5000]) {
				expect(() => readStructBytes(deep(levels, wrap))).toThrow(
					expect.objectContaining({ code: 'nesting_too_deep' }),
				);
			}
		}
	});
});

describe.each([
	['requests', messageType('PluginRequest'), encodeRequestFrame, decodeRequest],
	['responses', messageType('PluginResponse'), encodeResponseFrame, decodeResponse],
] as const)('%s with faults', (_name, type, encode, decode) => {
	/** Reads the bytes; the only thing that may go wrong is an OrchestraError. */
	const tryToRead = (bytes: Uint8Array): void => {
		try {
			decode(bytes);
		} catch (error) {
			if (!(error instanceof OrchestraError)) throw error;
			// A fault inside the reader itself would be wrapped, with what it was as the cause.
			const cause = error.cause instanceof OrchestraError ? error.cause.cause : error.cause;
			if (cause !== undefined && !/encoded data was not valid/.test(String(cause))) throw cause;
			expect(['malformed_message', 'nesting_too_deep', 'not_json']).toContain(error.code);
		}
	};
	const payload = messageOf(type).map((message) => encode(message).subarray(4));

	test('changed bytes', () => {
		const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
			minLength: 1,
			maxLength: 6,
		});
		fc.assert(
			fc.property(payload, changes, (valid, list) => {
				const bytes = Uint8Array.from(valid);
				for (const [at, byte] of list) if (bytes.length > 0) bytes[at % bytes.length] = byte;
				tryToRead(bytes);
			}),
			{ numRuns: 1500 },
		);
	});

	test('cut off, or with something in between', () => {
		fc.assert(
			fc.property(payload, fc.nat(), fc.uint8Array({ maxLength: 8 }), (valid, place, extra) => {
				const at = place % (valid.length + 1);
				tryToRead(valid.subarray(0, at));
				tryToRead(Buffer.concat([valid.subarray(0, at), extra, valid.subarray(at)]));
			}),
			{ numRuns: 800 },
		);
	});

	test('bytes of any kind', () => {
		fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), tryToRead), { numRuns: 1500 });
	});
});

test('a stream of any bytes gives frames or an OrchestraError', () => {
	fc.assert(
		fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
			const decoder = new FrameDecoder(1000);
			try {
				for (const chunk of chunks) decoder.push(chunk, () => {});
				decoder.end();
			} catch (error) {
				expect(error).toBeInstanceOf(OrchestraError);
			}
		}),
		{ numRuns: 1000 },
	);
});

test('a number of nine and ten bytes is read as protobuf reads it', () => {
	const sequence = (bytes: string): number | undefined =>
		decodeResponse(field(40, Buffer.concat([varint(32), hex(bytes)]))).streamChunk?.sequence;
	expect(sequence('ff ff ff ff ff ff ff ff ff 01')).toBe(-1);
	expect(sequence('80 80 80 80 80 80 80 80 80 01')).toBe(-(2 ** 63));
	expect(sequence('ff ff ff ff ff ff ff 0f')).toBe(2 ** 53 - 1);
	expect(sequence('80 00')).toBe(0);
});
