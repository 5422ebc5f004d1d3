import { expect, test } from 'vitest';
import { EventQueue, maxWaitingEvents } from '../../src/runtime/events/event-queue.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a subscriber that caught up and falls behind again is told of again', async () => {
	let behind = 0;
	let release = () => {};
	const queue = new EventQueue<number>({
		deliver: () =>
			new Promise<void>((resolve) => {
				release = resolve;
			}),
		onFault: () => expect.unreachable(),
		onBehind: () => behind++,
		maxBatch: 2 * maxWaitingEvents,
	});
	for (const round of [1, 2]) {
		queue.push(0, 1);
		await turn();
		for (let count = 0; count < maxWaitingEvents + 10; count++) queue.push(count, 1);
		expect(behind).toBe(round);
		// What was under way, and then what waited.
		for (let deliveries = 0; deliveries < 2; deliveries++) {
			release();
			await turn();
		}
		expect(queue.size).toBe(0);
	}
	expect(queue.dropped).toBe(20);
});

test('a subscriber that fails gets the next events, and who asked is told which failed', async () => {
	const heard: number[] = [];
	const faults: unknown[] = [];
	const queue = new EventQueue<number>({
		deliver([event = 0]) {
			heard.push(event);
			if (event === 1) throw new Error('thrown');
			if (event === 2) return Promise.reject(new Error('rejected'));
			return undefined;
		},
		onFault: (error, event) => faults.push([(error as Error).message, event]),
	});
	for (const event of [1, 2, 3]) queue.push(event, 1);
	await turn();
	expect(heard).toEqual([1, 2, 3]);
	expect(faults).toEqual([
		['thrown', 1],
		['rejected', 2],
	]);
});

test('what is handed over at once is 64 KiB at most; a larger event goes alone', async () => {
	const batches: number[][] = [];
	const queue = new EventQueue<number>({
		deliver: (events) => batches.push([...events]),
		onFault: () => expect.unreachable(),
		maxBatch: 100,
	});
	for (const [event, kibibytes] of [32, 32, 1, 100, 1, 1].entries()) queue.push(event, kibibytes * 1024);
	await turn();
	expect(batches).toEqual([[0, 1], [2], [3], [4, 5]]);
});

test('an event that somebody keeps is not dropped, and is settled when its delivery has ended or nobody is left', async () => {
	let release = () => {};
	const heard: number[] = [];
	const settled: number[] = [];
	const queue = new EventQueue<number>({
		deliver([event = 0]) {
			heard.push(event);
			return new Promise<void>((resolve) => {
				release = resolve;
			});
		},
		onFault: () => expect.unreachable(),
	});
	const keep = (event: number) => queue.push(event, 1, () => settled.push(event));
	keep(0);
	await turn();
	keep(1);
	for (let count = 0; count < maxWaitingEvents + 10; count++) queue.push(2, 1);
	keep(3);
	expect(settled).toEqual([]);
	release();
	await turn();
	expect({ heard, settled }).toEqual({ heard: [0, 1], settled: [0] });
	queue.close();
	expect(settled).toEqual([0, 1, 3]);
	keep(4);
	expect(settled).toEqual([0, 1, 3, 4]);
});
