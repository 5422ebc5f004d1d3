import { expect, test } from 'vitest';
import { UnexplainedBytes } from '../../src/runtime/carrier/quic/listening/unexplained-bytes.ts';

const megabyte = 1024 * 1024;

/** A connection whose traffic is told in steps of a tenth of a second; each returns what it is taken for, in MiB. */
function connection() {
	const unexplained = new UnexplainedBytes();
	let [recv, recvBytes, read, now] = [0, 0, 0, 0];
	return (received: number, readNow: number, waiting = 0) => {
		recv += Math.ceil((received * megabyte) / 1200);
		recvBytes += received * megabyte;
		read += readNow * megabyte;
		now += 100;
		const traffic = { recv, recvBytes, sentBytes: 0 };
		return unexplained.memoryFor(traffic, read, waiting * megabyte, now) / megabyte;
	};
}

test('what is read at once is taken for nothing, however long it goes on', () => {
	const step = connection();
	for (let i = 0; i < 100; i++) expect(step(10, 9.5)).toBe(0);
});

test('what goes into no stream is taken for twenty times its size, but for a first megabyte while it is new', () => {
	const step = connection();
	expect(step(1, 0)).toBeLessThan(2);
	expect(step(3, 0)).toBeGreaterThan(30);
	for (let i = 0; i < 20; i++) step(0.01, 0);
	expect(step(0, 0)).toBeGreaterThan(60);
});

test('nobody saves up by what was read before, but for a gap that is closed within half a second', () => {
	const step = connection();
	for (let i = 0; i < 100; i++) step(10, 9.5);
	expect(step(4, 0)).toBeLessThan(4);
	expect(step(0, 4)).toBe(0);
	for (let i = 0; i < 20; i++) step(0.4, 0);
	expect(step(0, 0)).toBeGreaterThan(20);
});

test('what waits since we do not read it does not count, nor in the moment in which it is read', () => {
	const step = connection();
	for (let i = 0; i < 20; i++) expect(step(2, 0, 60)).toBe(0);
	expect(step(0, 5)).toBe(0);
	expect(step(0, 30)).toBe(0);
});
