import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ToolError } from '../../../src/runtime/wire/orchestra-error.ts';
import { DurationHistogram } from '../../../src/toolchain/bench/duration-histogram.ts';
import { measureCalls } from '../../../src/toolchain/bench/measure-calls.ts';
import { Pace } from '../../../src/toolchain/bench/pace.ts';
import { patienceMs } from '../../support/patience.ts';

const forEver = new AbortController().signal;

test('percentiles are those of the durations, a percent too much at most', () => {
	const histogram = new DurationHistogram();
	for (let ms = 1; ms <= 1000; ms++) histogram.add(ms);
	for (const [share, ms] of [
		[0.5, 500],
		[0.9, 900],
		[0.99, 990],
		[0.999, 999],
	] as const) {
		expect(histogram.percentile(share)).toBeGreaterThanOrEqual(ms);
		expect(histogram.percentile(share)).toBeLessThanOrEqual(ms * 1.0101);
	}
	expect(histogram.summary()).toMatchObject({ min: 1, max: 1000, mean: 500.5 });
	const ranges = histogram.ranges(20);
	expect(ranges.length).toBeLessThanOrEqual(20);
	expect(ranges.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
	expect(new DurationHistogram().summary()).toBeUndefined();
});

test('no more calls are under way than asked for, and the failed are counted by their code', async () => {
	let underWay = 0;
	let most = 0;
	let made = 0;
	const plan = { concurrency: 4, durationMs: 150, warmUpMs: 0 };
	const measured = await measureCalls(
		async () => {
			most = Math.max(most, ++underWay);
			await sleep(2);
			underWay--;
			if (made++ % 2 === 0) throw new ToolError('burnt', 'the dish is burnt');
			return undefined;
		},
		plan,
		forEver,
	);
	expect(most).toBe(4);
	expect(measured.calls + measured.failed).toBe(made);
	expect(measured.errors).toEqual([{ code: 'burnt', message: 'the dish is burnt', count: measured.failed }]);
});

test('at a rate, a target that stands still is slow, although it is asked less', async () => {
	let made = 0;
	const measured = await measureCalls(
		async () => {
			if (made++ === 5) await sleep(500);
			return undefined;
		},
		{ concurrency: 1, perSecond: 50, durationMs: 2000, warmUpMs: 0 },
		forEver,
	);
	// One call took long; those that had to wait for it count as long as they waited.
	expect(measured.latencyMs?.p90).toBeGreaterThan(100);
	expect(measured.calls).toBeGreaterThan(6);
	expect(measured.calls + measured.notStarted).toBe(100);
});

test('as many calls fall due as the rate and the time say, wherever the clock stands', () => {
	// 0.7 + 500 is a little more than 500 away from 0.7, as numbers are kept: once that made 51 of 50.
	for (let step = 0; step < 1000; step++) {
		const pace = new Pace(100, performance.now() + step * 0.7, 500);
		let due = 0;
		while (pace.next()) due++;
		expect(due).toBe(50);
		expect(pace.notStarted).toBe(0);
	}
});

test('calls that end at once leave the rest of the process its turn', async () => {
	const stop = new AbortController();
	let turns = 0;
	const timer = setInterval(() => {
		if (++turns > 3) stop.abort();
	}, 10);
	const plan = { concurrency: 2, durationMs: patienceMs, warmUpMs: 0 };
	const measured = await measureCalls(async () => undefined, plan, stop.signal);
	clearInterval(timer);
	expect(measured.interrupted).toBe(true);
});

test('a signal ends it, with what was measured so far', async () => {
	const stop = new AbortController();
	const measured = await measureCalls(
		async (_timing, signal) => {
			await sleep(1, undefined, { signal });
			return undefined;
		},
		{ concurrency: 2, durationMs: 600_000, warmUpMs: 0 },
		stop.signal,
		() => stop.abort(),
	);
	expect(measured.interrupted).toBe(true);
	expect(measured.calls).toBeGreaterThan(0);
});

test('a lost connection ends it: where nothing was answered before, that is the error', async () => {
	const lost = async () => {
		throw new ToolError('connection_lost', 'the connection is gone');
	};
	const plan = { concurrency: 8, durationMs: 600_000, warmUpMs: 0 };
	await expect(measureCalls(lost, plan, forEver)).rejects.toMatchObject({ code: 'connection_lost' });
});
