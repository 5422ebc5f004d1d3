import { expect, test } from 'vitest';
import { BackOff } from '../../src/runtime/carrier/back-off.ts';

test('doubles what it draws from, up to the longest', () => {
	const backOff = new BackOff({}, () => 0.999999);
	const waits = Array.from({ length: 12 }, () => Math.round(backOff.next()));
	expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000, 30_000]);
	backOff.reset();
	expect(Math.round(backOff.next())).toBe(100);
});

test('draws from all of it, down to nothing', () => {
	const draws = [0, 0.5, 0.25];
	const backOff = new BackOff({ firstMs: 1000, longestMs: 4000 }, () => draws.shift() ?? 0);
	expect([backOff.next(), backOff.next(), backOff.next()]).toEqual([0, 1000, 1000]);
});

test('goes on for ever', () => {
	const backOff = new BackOff({ longestMs: 5000 }, () => 0.5);
	for (let i = 0; i < 5000; i += 1) expect(backOff.next()).toBeLessThanOrEqual(2500);
});
