import { notJson, toJsonThrew } from './not-json.ts';

interface MayHaveToJson {
	toJSON?: unknown;
}

/**
 * Whether an object can be taken as it stands: a plain object or array, without a toJSON method. Everything else goes
 * through {@link resolveJson}.
 */
export function isPlain(value: object): boolean {
	const prototype: unknown = Object.getPrototypeOf(value);
	return (
		(prototype === Object.prototype || prototype === Array.prototype || prototype === null) &&
		typeof (value as MayHaveToJson).toJSON !== 'function'
	);
}

/**
 * Value in the place of an object that is not plain. As with JSON.stringify, a toJSON method decides, and an instance of a
 * class without one counts as the object of its own enumerable properties. Objects whose content JSON.stringify would
 * silently lose (Map, Set, Error, Promise, …) or blow up (binary data) are refused.
 *
 * @throws OrchestraError `not_json`, also where toJSON throws
 */
export function resolveJson(value: object, key: string | number, pointer: () => string): unknown {
	// Before toJSON, since a Buffer has one that makes four characters of each byte.
	if (ArrayBuffer.isView(value)) throw notJson(value, pointer());
	const { toJSON } = value as MayHaveToJson;
	let resolved: unknown = value;
	if (typeof toJSON === 'function') {
		try {
			resolved = toJSON.call(value, String(key));
		} catch (error) {
			throw toJsonThrew(pointer(), error);
		}
		if (typeof resolved !== 'object' || resolved === null) return resolved;
	}
	if (Array.isArray(resolved)) return resolved;
	if (Object.prototype.toString.call(resolved) !== '[object Object]') {
		const prototype: unknown = Object.getPrototypeOf(resolved);
		if (prototype !== Object.prototype && prototype !== null) throw notJson(resolved, pointer());
	}
	return resolved;
}
