import { filledListBytes, itemBytes, listBytes, objectBytes, propertyBytes } from './decoded-size.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import { maxNestingDepth } from './limits.ts';
import type { MessageReader } from './message-reader.ts';
import { jsonPointer, notJson, tooDeep } from './not-json.ts';
import { setOwn } from './set-own.ts';

/** The way to the value that is being read, for error messages. */
const trail: (string | number)[] = [];

/**
 * Reads the fields of the google.protobuf.Struct that is open into a JS object; into `target` where the Struct came
 * in several parts, as protobuf merges messages. docs/wire-values.md has the rules.
 *
 * @throws OrchestraError `malformed_message`, `not_json`, `nesting_too_deep`
 */
export function readStruct(reader: MessageReader, target?: JsonObject): JsonObject {
	return readFields(reader, target ?? {}, 1);
}

function readFields(reader: MessageReader, object: JsonObject, depth: number): JsonObject {
	if (depth > maxNestingDepth) throw tooDeep(jsonPointer(trail, depth - 1));
	let properties = 0;
	while (reader.more) {
		const tag = reader.tag();
		if (tag === 0x0a) {
			properties++;
			readEntry(reader, object, depth);
		} else reader.skip(tag);
	}
	reader.charge(objectBytes + properties * propertyBytes);
	return object;
}

function readEntry(reader: MessageReader, object: JsonObject, depth: number): void {
	const outer = reader.enter();
	let key = '';
	let value: JsonValue = null;
	while (reader.more) {
		const tag = reader.tag();
		if (tag === 0x0a) key = reader.key();
		else if (tag === 0x12) {
			const entry = reader.enter();
			value = readValue(reader, key, depth, value);
			reader.leave(entry);
		} else reader.skip(tag);
	}
	reader.leave(outer);
	setOwn(object, key, value);
}

function readList(reader: MessageReader, list: JsonValue[], depth: number): JsonValue[] {
	if (depth > maxNestingDepth) throw tooDeep(jsonPointer(trail, depth - 1));
	while (reader.more) {
		const tag = reader.tag();
		if (tag === 0x0a) {
			const outer = reader.enter();
			list.push(readValue(reader, list.length, depth, null));
			reader.leave(outer);
		} else reader.skip(tag);
	}
	reader.charge(list.length === 0 ? listBytes : filledListBytes + list.length * itemBytes);
	return list;
}

/**
 * Reads the Value that is open: the last kind set counts, none is null. `before` is what earlier parts of the same
 * Value gave, since protobuf merges those. `depth` is the level of what contains it.
 */
function readValue(reader: MessageReader, key: string | number, depth: number, before: JsonValue): JsonValue {
	let value = before;
	while (reader.more) {
		const tag = reader.tag();
		switch (tag) {
			case 0x08:
				reader.bool();
				value = null;
				break;
			case 0x11:
				value = reader.double();
				if (!Number.isFinite(value)) throw notJson(value, jsonPointer(trail, depth - 1, key));
				break;
			case 0x1a:
				value = reader.string();
				break;
			case 0x20:
				value = reader.bool();
				break;
			case 0x2a: {
				trail[depth - 1] = key;
				const outer = reader.enter();
				const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
				value = readFields(reader, object, depth + 1);
				reader.leave(outer);
				break;
			}
			case 0x32: {
				trail[depth - 1] = key;
				const outer = reader.enter();
				value = readList(reader, Array.isArray(value) ? value : [], depth + 1);
				reader.leave(outer);
				break;
			}
			default:
				reader.skip(tag);
		}
	}
	return value;
}
