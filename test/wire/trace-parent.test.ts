import { describe, expect, test } from 'vitest';
import {
	childTraceParent,
	newTraceParent,
	readTraceParent,
	traceIdOf,
	usableTraceParent,
} from '../../src/runtime/wire/trace-parent.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const parent = `00-${trace}-00f067aa0ba902b7-01`;

describe('a trace context', () => {
	test('is read by its parts, of a later version too', () => {
		const parts = { traceId: trace, spanId: '00f067aa0ba902b7', flags: '01' };
		expect(readTraceParent(parent)).toEqual(parts);
		expect(readTraceParent(`cc-${trace}-00f067aa0ba902b7-01-what-comes-later`)).toEqual(parts);
	});

	test.each([
		['nothing', ''],
		['a word', 'bad'],
		['version ff', `ff-${trace}-00f067aa0ba902b7-01`],
		['capitals', parent.toUpperCase()],
		['a trace of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
		['a parent of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
		['more than version 00 has', `${parent}-more`],
		['a tail without a dash', `${parent}0`],
		['a space in front', ` ${parent}`],
		['a line end behind', `${parent}\n`],
		['a megabyte', '0'.repeat(1024 * 1024)],
	])('is none: %s', (_what, text) => {
		expect(readTraceParent(text)).toBeUndefined();
	});

	test('has children of the same trace, each with an id of its own', () => {
		const children = Array.from({ length: 1000 }, () => childTraceParent(parent));
		expect(new Set(children).size).toBe(1000);
		for (const child of children) {
			expect(readTraceParent(child)).toMatchObject({ traceId: trace, flags: '01' });
			expect(child).not.toBe(parent);
		}
	});

	test('that is none is ignored: a new trace begins', () => {
		expect(traceIdOf(childTraceParent('bad'))).toMatch(/^[\da-f]{32}$/);
		expect(readTraceParent(newTraceParent())).toBeDefined();
		expect(newTraceParent()).not.toBe(newTraceParent());
		expect(usableTraceParent('')).toBe('');
		expect(usableTraceParent(parent)).toBe(parent);
		expect(readTraceParent(usableTraceParent('bad'))).toBeDefined();
	});
});
