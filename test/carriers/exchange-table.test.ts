import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ExchangeTable } from '../../src/runtime/carrier/exchange-table.ts';

class Entry {
	readonly requestId: string;
	nextInBucket: Entry | undefined;

	constructor(requestId: string) {
		this.requestId = requestId;
	}
}

test('it holds what a Map would', () => {
	const id = fc.oneof(fc.integer({ min: 0, max: 40 }).map(String), fc.string({ maxLength: 40 }));
	const steps = fc.array(fc.tuple(fc.boolean(), id), { maxLength: 400 });
	fc.assert(
		fc.property(steps, (all) => {
			const table = new ExchangeTable<Entry>();
			const map = new Map<string, Entry>();
			for (const [add, requestId] of all) {
				const known = map.get(requestId);
				if (add && !known) {
					const entry = new Entry(requestId);
					table.add(entry);
					map.set(requestId, entry);
				} else if (!add) {
					table.remove(known ?? new Entry(requestId));
					map.delete(requestId);
				}
				expect(table.get(requestId)).toBe(map.get(requestId));
			}
			expect(table.size).toBe(map.size);
			expect(new Set(table.entries())).toEqual(new Set(map.values()));
		}),
	);
});

test('it grows, and ids that collide are told apart', () => {
	const table = new ExchangeTable<Entry>();
	const entries = Array.from({ length: 4096 }, (_, i) => new Entry(`${i}-the same last sixteen characters`));
	for (const entry of entries) table.add(entry);
	expect(table.size).toBe(4096);
	for (const entry of entries) expect(table.get(entry.requestId)).toBe(entry);
	for (const entry of entries) table.remove(entry);
	expect(table.size).toBe(0);
	expect(table.entries()).toEqual([]);
});
