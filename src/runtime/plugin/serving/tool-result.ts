import type { JsonObject, JsonValue } from '../../wire/json-value.ts';
import { ToolError } from '../../wire/orchestra-error.ts';

/** The error of a handler whose result is no JSON. */
export function invalidResult(subject: string, what: string): ToolError {
	return new ToolError('invalid_result', `${subject} returned ${what}, which is no JSON`, {
		hint: 'Return a string, an object, or another JSON value.',
	});
}

/**
 * A handler's value as the result of its call: a string as `{text}`, an object as it is, any other JSON value as `{data}`,
 * undefined as `{}`. Only the value itself is looked at: what is inside an object is the codec's business.
 *
 * @throws OrchestraError `invalid_result`
 */
export function toolResult(value: unknown, subject: string, askToJson = true): JsonObject {
	if (typeof value === 'string') return { text: value };
	if (value === undefined) return {};
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
			throw invalidResult(subject, `a ${typeof value}`);
		}
		if (typeof value === 'number' && !Number.isFinite(value)) throw invalidResult(subject, String(value));
		return { data: value as JsonValue };
	}
	const proto: unknown = Object.getPrototypeOf(value);
	if (proto === Object.prototype || proto === null) return value as JsonObject;
	const { toJSON } = value as { toJSON?: unknown };
	if (askToJson && typeof toJSON === 'function' && !ArrayBuffer.isView(value)) {
		return toolResult(toJSON.call(value, ''), subject, false);
	}
	const tag = Object.prototype.toString.call(value).slice(8, -1);
	// Class instances are objects like others; Map, Set, Uint8Array and their kind are not.
	if (tag !== 'Object') throw invalidResult(subject, `a ${tag}`);
	return value as JsonObject;
}
