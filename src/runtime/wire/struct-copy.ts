import { isPlain, resolveJson } from './json-source.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import { maxMessageBytes, maxNestingDepth } from './limits.ts';
import { messageTooLarge } from './message-too-large.ts';
import { MessageWriter } from './message-writer.ts';
import { jsonPointer, notAnObject, notJson, tooDeep } from './not-json.ts';
import { OrchestraError } from './orchestra-error.ts';
import { setOwn } from './set-own.ts';
import { writeStruct } from './struct-writer.ts';
import { wellFormed } from './well-formed.ts';

/** The way to the value that is being copied, for error messages. */
const trail: (string | number)[] = [];

/** Bytes that an entry of an object takes in a Struct at least, beside its texts, and that an item of a list takes. */
const entryBytes = 8;
const itemBytes = 4;

/**
 * Bytes that the Struct of what was copied so far would take at least. It would take at most four times as many: texts
 * up to 3 bytes a character, entries up to 27 bytes, items up to 14.
 */
let leastBytes = 0;

/**
 * A deep copy of an object by exactly the rules of the wire: what the other end would get. For calls in process.
 *
 * @throws OrchestraError `not_json`, `nesting_too_deep`, `message_too_large`
 */
export function copyStruct(value: unknown): JsonObject {
	const copy = copyValue(value);
	if (typeof copy !== 'object' || copy === null || Array.isArray(copy)) throw notAnObject(copy);
	return copy;
}

/** A deep copy of any JSON value; undefined becomes null. See {@link copyStruct}. */
export function copyValue(value: unknown): JsonValue {
	// A getter or a toJSON method may start another copy in the middle of this one.
	const outerBytes = leastBytes;
	leastBytes = 0;
	try {
		const copy = copyAny(value, '', 0) ?? null;
		if (4 * leastBytes > maxMessageBytes) assertFits(copy);
		return copy;
	} catch (error) {
		// Only code of the caller's throws anything else: a getter, or a proxy.
		throw OrchestraError.from(error, 'not_json', 'the value cannot be read');
	} finally {
		leastBytes = outerBytes;
	}
}

function assertFits(copy: JsonValue): void {
	const writer = new MessageWriter();
	writeStruct(
		writer,
		typeof copy === 'object' && copy !== null && !Array.isArray(copy) ? copy : { value: copy },
	);
	if (writer.size > maxMessageBytes) throw messageTooLarge(writer.size);
}

function copyFields(object: Record<string, unknown>, depth: number): JsonObject {
	if (depth > maxNestingDepth) throw tooDeep(jsonPointer(trail, depth - 1));
	const copy: JsonObject = {};
	for (const key in object) {
		if (!Object.hasOwn(object, key)) continue;
		const value = copyAny(object[key], key, depth);
		if (value === undefined) continue;
		count(key.length + entryBytes);
		setOwn(copy, wellFormed(key), value);
	}
	return copy;
}

function copyList(list: readonly unknown[], depth: number): JsonValue[] {
	if (depth > maxNestingDepth) throw tooDeep(jsonPointer(trail, depth - 1));
	// Before the copy is made: a sparse list may be far longer than what it holds.
	count(list.length * itemBytes);
	const copy: JsonValue[] = [];
	for (let i = 0; i < list.length; i++) copy.push(copyAny(list[i], i, depth) ?? null);
	return copy;
}

function copyAny(value: unknown, key: string | number, depth: number): JsonValue | undefined {
	if (typeof value !== 'object') return copyScalar(value, key, depth);
	if (value === null) return null;
	if (depth > 0) trail[depth - 1] = key;
	let source: unknown = value;
	if (!isPlain(value)) {
		source = resolveJson(value, key, () => jsonPointer(trail, depth));
		if (typeof source !== 'object' || source === null) return copyScalar(source, key, depth);
	}
	if (Array.isArray(source)) return copyList(source, depth + 1);
	return copyFields(source as Record<string, unknown>, depth + 1);
}

function copyScalar(value: unknown, key: string | number, depth: number): JsonValue | undefined {
	switch (typeof value) {
		case 'string':
			count(value.length);
			return wellFormed(value);
		case 'number':
			if (Number.isFinite(value)) return value;
			break;
		case 'boolean':
		case 'undefined':
			return value;
		default:
			if (value === null) return null;
	}
	throw notJson(value, depth === 0 ? '' : jsonPointer(trail, depth - 1, key));
}

function count(bytes: number): void {
	leastBytes += bytes;
	if (leastBytes > maxMessageBytes) throw messageTooLarge();
}
