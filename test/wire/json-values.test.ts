import { deepStrictEqual } from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { copyStruct, copyValue } from '../../src/runtime/wire/struct-copy.ts';
import { jsonObject } from './arbitraries.ts';
import { overTheWire } from './struct-bytes.ts';

/** The two ways to the other end: as bytes, and in process. Every rule holds on both. */
const ways = [
	['over the wire', overTheWire],
	['in process', copyStruct],
] as const;

function errorOf(run: () => unknown): OrchestraError {
	try {
		run();
	} catch (error) {
		if (error instanceof OrchestraError) return error;
		throw error;
	}
	throw new Error('nothing was thrown');
}

function nested(levels: number, wrap: (inner: unknown) => unknown): unknown {
	let value: unknown = 1;
	for (let i = 0; i < levels; i++) value = wrap(value);
	return value;
}

class Point {
	readonly x = 1;
	readonly #secret = 2;
	get sum(): number {
		return this.x + this.#secret;
	}
}

describe.each(ways)('%s', (_way, send) => {
	test.each<[string, unknown, JsonObject]>([
		['undefined in an object is left out', { a: undefined, b: 1 }, { b: 1 }],
		[
			'undefined and holes in an array are null',
			{ a: Object.assign([undefined, 1], { 3: 2 }) },
			{ a: [null, 1, null, 2] },
		],
		['-0 stays -0', { a: -0 }, { a: -0 }],
		[
			'extreme numbers stay',
			{ a: [5e-324, 1.7976931348623157e308, 2 ** 53] },
			{ a: [5e-324, Number.MAX_VALUE, 2 ** 53] },
		],
		['a lone surrogate is U+FFFD', { a: 'x\ud800y', b: ['\udc00'] }, { a: 'x\ufffdy', b: ['\ufffd'] }],
		['a lone surrogate in a long text', { a: `${'é'.repeat(90)}\ud800` }, { a: `${'é'.repeat(90)}\ufffd` }],
		['a lone surrogate in a key', { 'k\udfff': 1 }, { 'k\ufffd': 1 }],
		['an empty key', { '': { '': 1 } }, { '': { '': 1 } }],
		['a date is its ISO text', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
		['a URL is its text', { to: new URL('http://localhost/x') }, { to: 'http://localhost/x' }],
		['an instance of a class is its own properties', { p: new Point() }, { p: { x: 1 } }],
		['toJSON gets the key', { k: { toJSON: (key: string) => `<${key}>` } }, { k: '<k>' }],
		['toJSON gets the index', { k: [0, { toJSON: (key: string) => key }] }, { k: [0, '1'] }],
		['toJSON may give undefined', { a: { toJSON() {} }, b: [{ toJSON() {} }] }, { b: [null] }],
		['toJSON may give null', { a: { toJSON: () => null } }, { a: null }],
		[
			'toJSON may give objects',
			{ a: { toJSON: () => ({ b: [new Date(0)] }) } },
			{ a: { b: ['1970-01-01T00:00:00.000Z'] } },
		],
		['an object without a prototype', { a: Object.assign(Object.create(null), { b: 1 }) }, { a: { b: 1 } }],
		['objects of another realm', runInNewContext('({ a: [{ b: 1 }] })'), { a: [{ b: 1 }] }],
		[
			'symbol keys and hidden properties are left out',
			Object.defineProperty({ [Symbol('s')]: 1, b: 2 }, 'h', { value: 3 }),
			{ b: 2 },
		],
		['integer keys', { 2: 'b', 1: 'a', x: 0 }, { 1: 'a', 2: 'b', x: 0 }],
		['a text of many kinds of characters', { t: 'aé€😀\u0000\ufeff' }, { t: 'aé€😀\u0000\ufeff' }],
	])('%s', (_name, value, expected) => {
		deepStrictEqual(send(value), expected);
	});

	test('toJSON is asked once, even where it returns an object that has one again', () => {
		let asked = 0;
		const value = {
			a: 1,
			toJSON() {
				asked++;
				return asked > 1 ? 'again' : { a: this.a, self: 2 };
			},
		};
		expect(send({ value })).toEqual({ value: { a: 1, self: 2 } });
		expect(asked).toBe(1);
	});

	test('an object whose toJSON returns itself is taken as it is, but for the function', () => {
		class Self {
			x = 1;
			toJSON(): this {
				return this;
			}
		}
		expect(send({ s: new Self() })).toEqual({ s: { x: 1 } });
	});

	test('toJSON of the object itself is asked too', () => {
		expect(send({ toJSON: () => ({ a: 1 }) })).toEqual({ a: 1 });
		expect(errorOf(() => send({ toJSON: () => 'text' })).code).toBe('not_json');
	});

	test.each<[string, unknown, string]>([
		['a function', { a: { b: [1, () => 1] } }, '/a/b/1'],
		['a symbol', { a: Symbol('s') }, '/a'],
		['a bigint', { 'a/b': { '~': 1n } }, '/a~1b/~0'],
		['NaN', { a: [Number.NaN] }, '/a/0'],
		['Infinity', { a: Number.POSITIVE_INFINITY }, '/a'],
		['-Infinity', { a: Number.NEGATIVE_INFINITY }, '/a'],
		['a Map', { a: new Map([[1, 2]]) }, '/a'],
		['a Set', { a: [[new Set()]] }, '/a/0/0'],
		['an error', { a: new Error('x') }, '/a'],
		['a promise', { x: 0, a: Promise.resolve(1) }, '/a'],
		['a regular expression', { a: /x/ }, '/a'],
		['a Uint8Array', { a: new Uint8Array(2) }, '/a'],
		['a Buffer, though it has a toJSON', { a: { b: Buffer.from('x') } }, '/a/b'],
		['an ArrayBuffer', { a: new ArrayBuffer(2) }, '/a'],
		['a boxed number', { a: Object(1) }, '/a'],
		['what toJSON gave', { a: { toJSON: () => 1n } }, '/a'],
		['what toJSON gave deep inside', { a: { toJSON: () => ({ b: [1n] }) } }, '/a/b/0'],
		['a Map from toJSON', { a: { toJSON: () => new Map() } }, '/a'],
	])('%s is refused, and the error says where it is', (_name, value, pointer) => {
		const error = errorOf(() => send(value));
		expect(error.code).toBe('not_json');
		expect(error.details).toEqual({ pointer });
		expect(error.message).toContain(pointer);
		expect(error.hint).toBeTruthy();
	});

	test.each([null, undefined, 'text', 1, true, [1], new Date(0), () => 1])('%s is no object', (value) => {
		// As a field of a message, absent is absent.
		if (value == null && send === overTheWire) return;
		expect(errorOf(() => send(value)).code).toBe('not_json');
	});

	test('what a getter or toJSON throws is a not_json with the cause', () => {
		const cause = new Error('no access');
		const getter = errorOf(() =>
			send({
				get a(): never {
					throw cause;
				},
			}),
		);
		expect(getter).toMatchObject({ code: 'not_json', cause });
		const toJson = errorOf(() =>
			send({
				a: [
					{
						toJSON(): never {
							throw cause;
						},
					},
				],
			}),
		);
		expect(toJson).toMatchObject({ code: 'not_json', cause, details: { pointer: '/a/0' } });
		expect(toJson.message).toContain('no access');
	});

	test('100 levels pass, 101 are refused: each object and each array is one', () => {
		// One level is the object itself.
		const objects = nested(99, (a) => ({ a }));
		const arrays = nested(99, (a) => [a]);
		expect(send({ a: objects })).toEqual({ a: objects });
		expect(send({ a: arrays })).toEqual({ a: arrays });
		for (const value of [{ a: { a: objects } }, { a: [objects] }, { a: [arrays] }, { a: { a: arrays } }]) {
			expect(errorOf(() => send(value)).code).toBe('nesting_too_deep');
		}
	});

	test('a cycle is nested too deep, and does not overflow the stack', () => {
		const cycle: { self?: unknown } = {};
		cycle.self = [cycle];
		expect(errorOf(() => send(cycle))).toMatchObject({ code: 'nesting_too_deep' });
		class Endless {
			toJSON(): unknown {
				return { next: new Endless() };
			}
		}
		expect(errorOf(() => send({ a: new Endless() })).code).toBe('nesting_too_deep');
	});

	test('__proto__ is a key like any other, and pollutes nothing', () => {
		const value = JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":1},"b":[{"__proto__":null}]}');
		const got = send(value) as JsonObject;
		deepStrictEqual(got, value);
		expect(Object.keys(got)).toContain('__proto__');
		expect(Object.getPrototypeOf(got)).toBe(Object.prototype);
		expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
		expect((got as { polluted?: boolean }).polluted).toBeUndefined();
	});

	test('more than 16 MiB is refused, in one text, in many, and in a sparse array', () => {
		const mib = 'x'.repeat(1024 * 1024);
		expect(errorOf(() => send({ a: mib.repeat(17) })).code).toBe('message_too_large');
		expect(errorOf(() => send({ a: '€'.repeat(6 * 1024 * 1024) })).code).toBe('message_too_large');
		expect(errorOf(() => send({ a: Array(17).fill(mib) })).code).toBe('message_too_large');
		expect(errorOf(() => send({ a: new Array(2 ** 32 - 1) })).code).toBe('message_too_large');
		expect(Object.keys(send({ a: Array(15).fill(mib) }) ?? {})).toEqual(['a']);
	});

	test('a value in which shared parts add up without end is refused', () => {
		const value = nested(60, (inner) => [inner, inner]);
		expect(errorOf(() => send({ value })).code).toBe('message_too_large');
	});

	test('a getter or toJSON may send something itself', () => {
		const value = {
			before: 'b',
			get inner() {
				return send({ x: [1, 'two'] });
			},
			after: { toJSON: () => send({ y: 2 }) },
		};
		expect(send(value)).toEqual({ before: 'b', inner: { x: [1, 'two'] }, after: { y: 2 } });
	});

	test('the result shares nothing with what was sent', () => {
		const value = { a: { b: [1] } };
		const got = send(value) as typeof value;
		got.a.b.push(2);
		expect(value).toEqual({ a: { b: [1] } });
	});
});

/** JavaScript values of all kinds, most of them not JSON. */
const anything = fc.anything({
	withBigInt: true,
	withDate: true,
	withMap: true,
	withSet: true,
	withNullPrototype: true,
	withSparseArray: true,
	withTypedArray: true,
	withObjectString: true,
	withBoxedValues: true,
	stringUnit: fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constant('\ud800')),
});

test('a copy in process is what would come over the wire, for any value, or both fail alike', () => {
	const outcome = (run: () => unknown): unknown => {
		try {
			return { value: run() };
		} catch (error) {
			if (!(error instanceof OrchestraError)) throw error;
			return { code: error.code };
		}
	};
	fc.assert(
		fc.property(fc.oneof(anything, jsonObject), (value) => {
			deepStrictEqual(
				outcome(() => copyValue({ value })),
				outcome(() => overTheWire({ value })),
			);
		}),
		{ numRuns: 2000 },
	);
});

test('a copy of JSON is what JSON.parse(JSON.stringify()) makes of it', () => {
	fc.assert(
		fc.property(fc.jsonValue(), (value) => {
			deepStrictEqual(copyValue(value), value);
		}),
	);
});

test('copyValue takes any JSON value, and undefined as null', () => {
	for (const value of [null, true, 0, '', [], [1]]) expect(copyValue(value)).toEqual(value);
	expect(copyValue(undefined)).toBeNull();
	expect(errorOf(() => copyValue(1n))).toMatchObject({ code: 'not_json', details: { pointer: '' } });
});
