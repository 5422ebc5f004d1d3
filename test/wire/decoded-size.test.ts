import { expect, test } from 'vitest';
import type { DecodedSize } from '../../src/runtime/wire/decoded-size.ts';
import { decodeRequest, encodeRequestFrame, frameHeaderBytes } from '../../src/runtime/wire/frame.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';

function payloadOf(args: JsonObject): Uint8Array {
	const frame = encodeRequestFrame({ requestId: 'r', toolCall: { toolName: 't', arguments: args } });
	return frame.subarray(frameHeaderBytes);
}

/** How many times its length a request is taken for. */
function factor(args: JsonObject): number {
	const payload = payloadOf(args);
	const size: DecodedSize = { most: Number.POSITIVE_INFINITY, taken: 0 };
	decodeRequest(payload, size);
	return size.taken / payload.length;
}

test('a text is taken for what it is, a list of numbers for a few times of it, empty objects for what V8 makes of them', () => {
	const count = 10_000;
	expect(factor({ text: 'x'.repeat(count) })).toBeCloseTo(1, 1);
	const numbers = factor({ list: Array.from({ length: count }, (_, i) => i * 1.1) });
	expect(numbers).toBeGreaterThan(0.7);
	expect(numbers).toBeLessThan(3.5);
	expect(factor({ list: new Array(count).fill({}) })).toBeGreaterThan(15);
	expect(factor({ list: new Array(count).fill([null, null]) })).toBeGreaterThan(15);
});

test('objects whose names are array indices count for the places that V8 makes up to them', () => {
	const places = 1517;
	const payload = payloadOf({ list: new Array(5000).fill({ 1000: 0 }) });
	const size: DecodedSize = { most: Number.POSITIVE_INFINITY, taken: 0 };
	const before = process.memoryUsage().heapUsed;
	const read = decodeRequest(payload, size);
	const grown = process.memoryUsage().heapUsed - before;
	expect(read.toolCall?.arguments?.list).toHaveLength(5000);
	expect(grown / size.taken).toBeGreaterThan(0.5);
	expect(size.taken).toBeGreaterThan(5000 * places * 8);
	// One beyond those that V8 makes places for, and many beside each other.
	expect(factor({ list: new Array(2000).fill({ 1024: 0 }) })).toBeLessThan(15);
	expect(
		factor({ all: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [i, null])) }),
	).toBeLessThan(10);
});

test('what takes more than it may is decoded no further, and says which exchange it was', () => {
	const payload = payloadOf({ list: new Array(500_000).fill({}) });
	expect(() => decodeRequest(payload, { most: 100_000, taken: 0 })).toThrow(
		expect.objectContaining({ code: 'overloaded', retryable: true, details: { requestId: 'r' } }),
	);
});

test('a message may take exactly what it may, and a limit that was met once does not count for the next', () => {
	const payload = payloadOf({ a: 'text', b: [1, 2, { c: 'more' }] });
	const size: DecodedSize = { most: Number.POSITIVE_INFINITY, taken: 0 };
	const expected = decodeRequest(payload, size);
	const { taken } = size;
	for (let i = 0; i < 2; i++) expect(decodeRequest(payload, { most: taken, taken: 0 })).toEqual(expected);
	expect(() => decodeRequest(payload, { most: taken - 1, taken: 0 })).toThrow('takes more memory');
});

test('keys stay what they are where a message of different ones has filled the cache', () => {
	const many: JsonObject = {};
	for (let i = 0; i < 3000; i++) many[`key${i}`] = i;
	const usual = { city: 'Oslo', days: 3, __proto__x: 1 };
	for (let round = 0; round < 3; round++) {
		expect(decodeRequest(payloadOf(many)).toolCall?.arguments).toEqual(many);
		for (let i = 0; i < 500; i++) expect(decodeRequest(payloadOf(usual)).toolCall?.arguments).toEqual(usual);
	}
});
