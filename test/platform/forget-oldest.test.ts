import { expect, test } from 'vitest';
import { forgetOldest } from '../../src/runtime/platform/forget-oldest.ts';

test('a map and a set lose what came first, and no more than is too much', () => {
	const map = new Map([
		['a', 1],
		['b', 2],
		['c', 3],
	]);
	map.delete('a');
	map.set('a', 4);
	forgetOldest(map, 3);
	expect([...map.keys()]).toEqual(['b', 'c', 'a']);
	forgetOldest(map, 1);
	expect([...map]).toEqual([['a', 4]]);
	const set = new Set([1, 2, 3]);
	forgetOldest(set, 2);
	expect([...set]).toEqual([2, 3]);
	forgetOldest(set, 0);
	expect(set.size).toBe(0);
});
