import { expect } from 'vitest';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';

/**
 * Expects of what a singleton wrote down, `{ n, node, token }` for each call, that one node had it at a time.
 *
 * Each token is of one node, and a store that takes no token older than its newest keeps one piece for each token. `first` held it
 * first and last, `second` between. A busy machine may move the lease once more. Calls are late that a node had admitted and not
 * yet handed to its plugin when it was made to stand still: `lanes` of them, at most.
 */
export function expectOneHolderAtATime(
	journal: readonly JsonObject[],
	{ first, second, lanes }: { first: string; second: string; lanes: number },
): void {
	const nodeOf = new Map<number, unknown>();
	let late = 0;
	let newest = 0;
	for (const { n, node, token } of journal) {
		if (typeof n !== 'number') continue;
		if (typeof token !== 'number') throw new Error(`call ${n} was served without a token`);
		expect(nodeOf.get(token) ?? node).toBe(node);
		nodeOf.set(token, node);
		if (token < newest) late++;
		newest = Math.max(newest, token);
	}
	const tokens = [...nodeOf.keys()].sort((a, b) => a - b);
	const holders = tokens.map((token) => nodeOf.get(token));
	expect(holders[0]).toBe(first);
	expect(holders).toContain(second);
	expect(holders.at(-1)).toBe(first);
	expect(late).toBeLessThanOrEqual(lanes * (holders.length - 1));
}
