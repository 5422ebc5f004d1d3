import { isPlain, resolveJson } from './json-source.ts';
import { maxNestingDepth } from './limits.ts';
import type { MessageWriter } from './message-writer.ts';
import { jsonPointer, notAnObject, notJson, tooDeep } from './not-json.ts';

/** The way to the value that is being written, for error messages. */
const trail: (string | number)[] = [];

/**
 * Writes the fields of a google.protobuf.Struct, straight from a JS object. docs/wire-values.md has the rules.
 *
 * @throws OrchestraError `not_json`, `nesting_too_deep`, `message_too_large`
 */
export function writeStruct(writer: MessageWriter, value: unknown): void {
	let fields = value;
	if (typeof value === 'object' && value !== null && !isPlain(value))
		fields = resolveJson(value, '', () => '');
	if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw notAnObject(fields);
	writeFields(writer, fields as Record<string, unknown>, 1);
}

function writeFields(writer: MessageWriter, object: Record<string, unknown>, depth: number): void {
	if (depth > maxNestingDepth) throw tooDeep(jsonPointer(trail, depth - 1));
	const keys = Object.keys(object);
	for (let i = keys.length - 1; i >= 0; i--) {
		const key = keys[i] as string;
		const before = writer.size;
		if (!writeValue(writer, object[key], key, depth)) continue;
		writer.close(before, 0x12);
		writer.string(key);
		writer.varint(0x0a);
		writer.close(before, 0x0a);
	}
}

function writeList(writer: MessageWriter, list: readonly unknown[], depth: number): void {
	if (depth > maxNestingDepth) throw tooDeep(jsonPointer(trail, depth - 1));
	for (let i = list.length - 1; i >= 0; i--) {
		const before = writer.size;
		if (!writeValue(writer, list[i], i, depth)) writeNull(writer);
		writer.close(before, 0x0a);
	}
}

/** Writes the one field of a Value; false, and nothing, for undefined. `depth` is the level of what contains it. */
function writeValue(writer: MessageWriter, value: unknown, key: string | number, depth: number): boolean {
	if (typeof value !== 'object') return writeScalar(writer, value, key, depth);
	if (value === null) writeNull(writer);
	else {
		trail[depth - 1] = key;
		let source: unknown = value;
		if (!isPlain(value)) {
			source = resolveJson(value, key, () => jsonPointer(trail, depth));
			if (source === null) return writeNull(writer);
			if (typeof source !== 'object') return writeScalar(writer, source, key, depth);
		}
		const before = writer.size;
		if (Array.isArray(source)) {
			writeList(writer, source, depth + 1);
			writer.close(before, 0x32);
		} else {
			writeFields(writer, source as Record<string, unknown>, depth + 1);
			writer.close(before, 0x2a);
		}
	}
	return true;
}

function writeScalar(writer: MessageWriter, value: unknown, key: string | number, depth: number): boolean {
	switch (typeof value) {
		case 'string':
			writer.string(value);
			writer.varint(0x1a);
			return true;
		case 'number':
			if (!Number.isFinite(value)) break;
			writer.double(value);
			writer.varint(0x11);
			return true;
		case 'boolean':
			writer.bool(value);
			writer.varint(0x20);
			return true;
		case 'undefined':
			return false;
		default:
	}
	throw notJson(value, jsonPointer(trail, depth - 1, key));
}

function writeNull(writer: MessageWriter): true {
	writer.varint(0);
	writer.varint(0x08);
	return true;
}
