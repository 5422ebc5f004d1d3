import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../../runtime/wire/json-value.ts';

/** A value that both sides have changed, each in its own way. */
export interface JsonConflict {
	/** The keys that lead to it, such as `scripts.test`. */
	readonly key: string;
	readonly yours: unknown;
	readonly theirs: unknown;
}

type JsonRecord = Record<string, unknown>;

/**
 * Joins two changes of one JSON object, key by key; a list is one value. Where they conflict, what `winner` has is taken.
 *
 * @returns the keys of the first side in their order, and behind them those that are new
 */
export function mergeJson(
	was: JsonRecord,
	yours: JsonRecord,
	theirs: JsonRecord,
	winner: 'yours' | 'theirs' = 'yours',
	conflicts: JsonConflict[] = [],
	above: readonly string[] = [],
): JsonRecord {
	const merged = new Map<string, unknown>();
	for (const key of new Set([...Object.keys(yours), ...Object.keys(theirs)])) {
		const [old, mine, its] = [was, yours, theirs].map((from) => valueAt(from, key));
		const path = [...above, key];
		let value = mine;
		if (isDeepStrictEqual(mine, old)) value = its;
		else if (isObject(mine) && isObject(its))
			value = mergeJson(isObject(old) ? old : {}, mine, its, winner, conflicts, path);
		else if (!isDeepStrictEqual(its, old) && !isDeepStrictEqual(its, mine)) {
			conflicts.push({ key: path.join('.'), yours: mine, theirs: its });
			value = winner === 'yours' ? mine : its;
		}
		if (value !== undefined) merged.set(key, value);
	}
	// Not assigned one by one: `__proto__` is a key like others.
	return Object.fromEntries(merged);
}

function valueAt(from: JsonRecord, key: string): unknown {
	return Object.hasOwn(from, key) ? from[key] : undefined;
}
