import type { JsonObject, JsonValue } from '../wire/json-value.ts';

/** Bytes that a value costs beside its text: an entry of an object or array with what it points to. */
const entryBytes = 24;

/** About what a payload costs while it waits, in bytes of memory. */
export function eventSize(payload: JsonObject | undefined): number {
	let bytes = entryBytes;
	const waiting: JsonValue[] = payload === undefined ? [] : [payload];
	for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
		bytes += entryBytes;
		if (typeof value === 'string') bytes += value.length * 2;
		else if (typeof value === 'object' && value !== null) {
			if (Array.isArray(value)) for (const item of value) waiting.push(item);
			else {
				for (const key of Object.keys(value)) {
					bytes += key.length * 2;
					const item = value[key];
					if (item !== undefined) waiting.push(item);
				}
			}
		}
	}
	return bytes;
}
