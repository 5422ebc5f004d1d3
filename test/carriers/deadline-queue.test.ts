import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Deadline } from '../../src/runtime/carrier/deadline-queue.ts';
import { clearDeadline, longestTimerMs, startDeadline } from '../../src/runtime/carrier/deadline-queue.ts';
import { waitUntil } from '../support/wait-until.ts';

/** Starts a deadline and notes when it passed, in milliseconds since its start. */
function start(ms: number): { deadline: Deadline | undefined; passed: number[] } {
	const startedAt = performance.now();
	const passed: number[] = [];
	const deadline = startDeadline({ deadlinePassed: () => passed.push(performance.now() - startedAt) }, ms);
	return { deadline, passed };
}

function stop(deadline: Deadline | undefined): void {
	if (deadline) clearDeadline(deadline);
}

test('a deadline passes once, and never too early', async () => {
	const all = [0, 1, 7, 20, 20, 33].map((ms) => ({ ms, ...start(ms) }));
	await waitUntil(() => all.every(({ passed }) => passed.length > 0));
	for (const { ms, passed, deadline } of all) {
		expect(passed).toHaveLength(1);
		expect(passed[0]).toBeGreaterThanOrEqual(ms);
		stop(deadline);
	}
});

test('whatever is stopped, exactly the others pass, in the order of their start', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 30 }), async (stopped) => {
			const passed: number[] = [];
			const deadlines = stopped.map((_, i) => startDeadline({ deadlinePassed: () => passed.push(i) }, 3));
			for (const [i, each] of stopped.entries()) if (each) stop(deadlines[i]);
			const expected = stopped.flatMap((each, i) => (each ? [] : [i]));
			await waitUntil(() => passed.length === expected.length);
			expect(passed).toEqual(expected);
		}),
		{ numRuns: 20 },
	);
});

test('a deadline may be started and stopped while another passes', async () => {
	const passed: string[] = [];
	let neighbour: Deadline | undefined;
	startDeadline(
		{
			deadlinePassed: () => {
				passed.push('first');
				stop(neighbour);
				startDeadline({ deadlinePassed: () => passed.push('third') }, 5);
			},
		},
		5,
	);
	neighbour = startDeadline({ deadlinePassed: () => passed.push('second') }, 5);
	await waitUntil(() => passed.includes('third'));
	expect(passed).toEqual(['first', 'third']);
});

test('a deadline started after others of its length were stopped has its whole time', async () => {
	const early = start(40);
	// Without a turn of the event loop, in which the early one could pass.
	Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
	const late = start(40);
	stop(early.deadline);
	await waitUntil(() => late.passed.length === 1);
	expect(early.passed).toHaveLength(0);
	expect(late.passed[0]).toBeGreaterThanOrEqual(40);
});

test('stopping twice, or after it has passed, does nothing', async () => {
	const once = start(1);
	await waitUntil(() => once.passed.length === 1);
	stop(once.deadline);
	const stopped = start(1);
	const standing = start(1);
	stop(stopped.deadline);
	stop(stopped.deadline);
	await waitUntil(() => standing.passed.length === 1);
	expect(stopped.passed).toHaveLength(0);
});

test('what no timer can hold is no deadline', () => {
	for (const ms of [longestTimerMs + 1, 2 ** 32 - 1, Number.POSITIVE_INFINITY, Number.NaN]) {
		expect(start(ms).deadline).toBeUndefined();
	}
});

test('without deadlines no timer is left', async () => {
	const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
	const before = timers();
	for (let i = 0; i < 100; i += 1) stop(start(60_000 + i).deadline);
	await waitUntil(() => timers() <= before);
});
