import type { JsonObject, JsonValue } from '../../wire/json-value.ts';

/** Values in arguments whose faults are all found. In larger ones the first is: each fault of a list of millions costs memory. */
const mostValuesForAllFaults = 10_000;

/** Whether arguments have at most so many values. Stops counting when they have not. */
export function isSmall(args: JsonObject, most: number = mostValuesForAllFaults): boolean {
	return valuesLeft(args, most) >= 0;
}

/** Number of values left when those of one are taken off; below 0 where there are more. No closure: it runs with each call. */
function valuesLeft(value: JsonValue | undefined, most: number): number {
	let left = most - 1;
	if (left < 0 || typeof value !== 'object' || value === null) return left;
	if (Array.isArray(value)) {
		// Every item counts one at least; and to loop over the names of a list of millions would make them all first, for seconds.
		if (value.length > left) return -1;
		for (const item of value) {
			if (left < 0) break;
			left = valuesLeft(item, left);
		}
		return left;
	}
	for (const key in value) {
		if (left < 0) break;
		left = valuesLeft((value as JsonObject)[key], left);
	}
	return left;
}
