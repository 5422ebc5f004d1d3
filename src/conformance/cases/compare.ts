import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue } from '../../runtime/wire/json-value.ts';

/** A value as plain JSON: what is decoded may have another prototype, which counts for nothing. */
export function plain<T>(value: T): T {
	return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

export function isEqual(a: unknown, b: unknown): boolean {
	return isDeepStrictEqual(plain(a), plain(b));
}

/** Path at which a value does not contain another, such as `.forecast[0].day`; undefined where it contains all of it. */
export function missingFrom(value: JsonValue | undefined, part: JsonValue, path = ''): string | undefined {
	if (Array.isArray(part)) {
		if (!Array.isArray(value) || value.length !== part.length) return path || 'the whole';
		for (const [i, item] of part.entries()) {
			const missing = missingFrom(value[i], item, `${path}[${i}]`);
			if (missing) return missing;
		}
		return undefined;
	}
	if (typeof part !== 'object' || part === null)
		return isEqual(value, part) ? undefined : path || 'the whole';
	if (typeof value !== 'object' || value === null || Array.isArray(value)) return path || 'the whole';
	for (const [key, item] of Object.entries(part)) {
		const found = Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
		const missing = missingFrom(found, item ?? null, `${path}.${key}`);
		if (missing) return missing;
	}
	return undefined;
}
