import type { JsonObject, JsonValue } from '../../runtime/wire/json-value.ts';

/** Sizes that were asked for: a value is asked for when it comes and when it goes. */
const known = new WeakMap<JsonObject, number>();

/** Bytes that a JSON object (or a text) costs while it is kept, about. */
export function bytesOfJson(value: JsonObject | string | undefined): number {
	if (value === undefined) return 0;
	if (typeof value === 'string') return value.length * 2;
	let bytes = known.get(value);
	if (bytes === undefined) {
		bytes = measure(value);
		known.set(value, bytes);
	}
	return bytes;
}

function measure(value: JsonValue | undefined): number {
	if (typeof value === 'string') return 16 + value.length * 2;
	if (typeof value !== 'object' || value === null) return 8;
	let bytes = 32;
	if (Array.isArray(value)) for (const item of value) bytes += measure(item);
	else for (const key of Object.keys(value)) bytes += 16 + key.length * 2 + measure(value[key]);
	return bytes;
}
