import { copyJson, copyJsonObject } from './json-copy.ts';
import type { JsonObject, JsonValue } from './json-value.ts';

/**
 * A deep copy of an object by exactly the rules of the wire: what the other end would get. For calls in process.
 *
 * @throws OrchestraError `not_json`, `nesting_too_deep`, `message_too_large`
 */
export function copyStruct(value: unknown): JsonObject {
	return copyJsonObject(value);
}

/** A deep copy of any JSON value; undefined is null. See {@link copyStruct}. */
export function copyValue(value: unknown): JsonValue {
	return copyJson(value);
}
