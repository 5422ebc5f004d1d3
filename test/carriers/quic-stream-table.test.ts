import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type StreamEntry, StreamTable } from '../../src/runtime/carrier/quic/driver/stream-table.ts';

class Entry implements StreamEntry<Entry> {
	readonly streamId: number;
	before: Entry | undefined;
	after: Entry | undefined;
	nextInBucket: Entry | undefined;

	constructor(streamId: number) {
		this.streamId = streamId;
	}
}

test('it holds what a Map would, in the same order', () => {
	const id = fc.integer({ min: 0, max: 400 }).map((number) => number * 4 + 1);
	const steps = fc.array(fc.tuple(fc.boolean(), id), { maxLength: 600 });
	fc.assert(
		fc.property(steps, (all) => {
			const table = new StreamTable<Entry>();
			const map = new Map<number, Entry>();
			for (const [add, streamId] of all) {
				const known = map.get(streamId);
				if (add && !known) {
					const entry = new Entry(streamId);
					table.add(entry);
					map.set(streamId, entry);
				} else if (!add) {
					expect(table.remove(known ?? new Entry(streamId))).toBe(map.delete(streamId));
				}
				expect(table.get(streamId)).toBe(map.get(streamId));
			}
			expect(table.size).toBe(map.size);
			expect(table.entries()).toEqual([...map.values()]);
			expect(table.first).toBe([...map.values()][0]);
		}),
	);
});

test('it grows, takes the highest numbers, and is emptied', () => {
	const table = new StreamTable<Entry>();
	const entries = Array.from({ length: 4096 }, (_, i) => new Entry(2 ** 52 + 4 * i));
	for (const entry of entries) table.add(entry);
	expect(table.size).toBe(4096);
	for (const entry of entries) expect(table.get(entry.streamId)).toBe(entry);
	table.clear();
	expect(table.size).toBe(0);
	expect(table.get(2 ** 52)).toBe(undefined);
	expect(entries.every(({ before, after, nextInBucket }) => !before && !after && !nextInBucket)).toBe(true);
});
