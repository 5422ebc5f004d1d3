import { describe, expect, test } from 'vitest';
import { decodeRequest } from '../../src/runtime/wire/frame.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';

/** The bench shows twice; this is about what grows out of proportion, on a machine that may be busy. */
const mostTimes = 10;

/** What takes JSON.parse less counts as much, in milliseconds. */
const leastMs = 20;

interface WorstMessages {
	worstMessages: string[];
	worstMessage(which: string, bytes: number): { payload: Uint8Array; json: string };
}

const file = new URL('../../bench/worst-messages.mjs', import.meta.url).href;
const { worstMessages, worstMessage }: WorstMessages = await import(file);

describe('a request that costs its reader much', () => {
	test.each(worstMessages)(
		'%s',
		(which) => {
			const { payload, json } = worstMessage(which, 2 * 1024 * 1024);
			const bytes = Buffer.from(json);
			let [ours, theirs] = [Number.POSITIVE_INFINITY, leastMs];
			for (let round = 0; round < 3; round++) {
				const [read, ms] = timed(() => decodeRequest(payload).toolCall?.arguments as JsonObject);
				const [parsed, jsonMs] = timed(() => JSON.parse(bytes.toString()) as JsonObject);
				if (round === 0) expect(sizeOf(read)).toEqual(sizeOf(parsed));
				ours = Math.min(ours, ms);
				theirs = Math.max(theirs, jsonMs);
			}
			expect(ours).toBeLessThan(mostTimes * theirs);
		},
		180_000,
	);
});

function timed<T>(read: () => T): [T, number] {
	const began = performance.now();
	const result = read();
	return [result, performance.now() - began];
}

/** Enough to see that both read the same; to compare millions of values would take minutes. */
function sizeOf({ all }: JsonObject): unknown {
	const names = Object.keys(all as JsonObject);
	return [names.length, names.at(0), names.at(-1), JSON.stringify((all as JsonObject)[names.at(-1) ?? ''])];
}
