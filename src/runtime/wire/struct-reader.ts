import {
	filledListBytes,
	itemBytes,
	listBytes,
	objectBytes,
	propertyBytes,
	slotBytes,
	slotsWith,
	tableBytes,
} from './decoded-size.ts';
import type { JsonObject, JsonValue } from './json-value.ts';
import { namesRepeat } from './key-cache.ts';
import { maxNestingDepth } from './limits.ts';
import type { MessageReader } from './message-reader.ts';
import { jsonPointer, notJson, tooDeep } from './not-json.ts';
import { ScatteredProperties, scatteredFrom } from './scattered-properties.ts';
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
	return readFields(reader, target, 1);
}

/** An object for properties to come: one that looks them up in a table where names come that nobody has seen. */
function newObject(reader: MessageReader): JsonObject {
	if (namesRepeat()) return {};
	reader.charge(tableBytes);
	// V8 makes a shape for each order of names: with a thousand shapes that takes four times as long, and slows down all other objects.
	return Object.setPrototypeOf(Object.create(null), Object.prototype) as JsonObject;
}

function readFields(reader: MessageReader, before: JsonObject | undefined, depth: number): JsonObject {
	if (depth > maxNestingDepth) throw tooDeep(jsonPointer(trail, depth - 1));
	let object = before;
	let properties = 0;
	let slots = 0;
	let scattered: ScatteredProperties | undefined;
	while (reader.more) {
		const tag = reader.tag();
		if (tag === 0x0a) {
			// Made for its first property: a table for none takes longer to make than what it stands for takes to read.
			object ??= newObject(reader);
			const name = readEntry(reader, object, depth, scattered);
			properties++;
			if (typeof name === 'number' && name >= slots && slots >= 0) {
				const more = slotsWith(name, slots, properties);
				if (more > slots) reader.charge((more - slots) * slotBytes);
				slots = more;
			} else if (slots < 0 && properties >= scatteredFrom) scattered ??= new ScatteredProperties(object);
		} else reader.skip(tag);
	}
	reader.charge(objectBytes + properties * propertyBytes);
	if (!scattered) return object ?? {};
	const places = scattered.slots(properties);
	reader.charge(places * slotBytes);
	return scattered.object(places);
}

/** Reads a property into its object, or to those that it gets later, and gives its name. */
function readEntry(
	reader: MessageReader,
	object: JsonObject,
	depth: number,
	scattered: ScatteredProperties | undefined,
): string | number {
	const outer = reader.enter();
	let key: string | number = '';
	let value: JsonValue = null;
	while (reader.more) {
		const tag = reader.tag();
		if (tag === 0x0a) key = reader.propertyName();
		else if (tag === 0x12) {
			const plain = reader.plainValue();
			if (plain === undefined) {
				const entry = reader.enter();
				value = readValue(reader, key, depth, value);
				reader.leave(entry);
			} else value = plain;
		} else reader.skip(tag);
	}
	reader.leave(outer);
	if (scattered && typeof key === 'number') scattered.add(key, value);
	else setOwn(object, key, value);
	return key;
}

function readList(reader: MessageReader, before: JsonValue[] | undefined, depth: number): JsonValue[] {
	if (depth > maxNestingDepth) throw tooDeep(jsonPointer(trail, depth - 1));
	let list = before;
	while (reader.more) {
		const tag = reader.tag();
		if (tag === 0x0a) {
			let value: JsonValue | undefined = reader.plainValue();
			if (value === undefined) {
				const outer = reader.enter();
				value = readValue(reader, list?.length ?? 0, depth, null);
				reader.leave(outer);
			}
			// A list that begins with its first item has no room that it may never need.
			if (list) list.push(value);
			else list = [value];
		} else reader.skip(tag);
	}
	list ??= [];
	reader.charge((list.length < 2 ? listBytes : filledListBytes) + list.length * itemBytes);
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
				const object =
					typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
				value = readFields(reader, object, depth + 1);
				reader.leave(outer);
				break;
			}
			case 0x32: {
				trail[depth - 1] = key;
				const outer = reader.enter();
				value = readList(reader, Array.isArray(value) ? value : undefined, depth + 1);
				reader.leave(outer);
				break;
			}
			default:
				reader.skip(tag);
		}
	}
	return value;
}
