import protojson from 'protobufjs/ext/protojson.js';
import type { Field, Message, Type } from 'protobufjs/light.js';
import type { JsonObject, JsonValue } from '../wire/json-value.ts';
import { ToolError } from '../wire/orchestra-error.ts';
import { setOwn } from '../wire/set-own.ts';

/** Messages that have a JSON form of their own: a text, a number, any value. */
export const wellKnownPrefix = '.google.protobuf.';

/**
 * The bytes of a message that is given as protobuf's JSON: bytes in base64, enums by name, 64 bit integers as texts or numbers, fields
 * by their JSON name or their own.
 *
 * @throws ToolError `invalid_arguments`
 */
export function encodeJson(type: Type, json: JsonValue, subject: string): Uint8Array {
	try {
		return type.encode(protojson.fromJson(type, json)).finish();
	} catch (error) {
		const why = (error as Error).message.replace(/^\./, '');
		throw new ToolError('invalid_arguments', `the arguments of ${subject} fit no ${type.name}: ${why}`, {
			cause: error,
		});
	}
}

/**
 * A message as protobuf's JSON. Fields without presence are all there, so that a result has the same properties each time;
 * 64 bit integers are texts, as JavaScript's numbers do not hold them.
 *
 * @throws ToolError `invalid_response`
 */
export function decodeJson(type: Type, bytes: Uint8Array, subject: string): JsonValue {
	try {
		const message = type.decode(bytes);
		return withDefaults(type, message, protojson.toJson(type, message));
	} catch (error) {
		const text = `${subject} answered with what is no ${type.name}: ${(error as Error).message}`;
		throw new ToolError('invalid_response', text, { cause: error });
	}
}

type Fields = Readonly<Record<string, unknown>>;

function withDefaults(type: Type, message: Message | Fields, json: unknown): JsonValue {
	if (type.fullName.startsWith(wellKnownPrefix) || typeof json !== 'object' || json === null) {
		return json as JsonValue;
	}
	const found = json as JsonObject;
	const complete: JsonObject = {};
	for (const field of type.fieldsArray) {
		const name = field.jsonName ?? field.name;
		const value = found[name];
		if (value !== undefined) setOwn(complete, name, nested(field, (message as Fields)[field.name], value));
		else if (!hasPresence(field)) setOwn(complete, name, defaultOf(field));
	}
	return complete;
}

function nested(field: Field, value: unknown, json: JsonValue): JsonValue {
	const type = messageType(field);
	if (!type) return json;
	if (Array.isArray(json) && Array.isArray(value)) {
		return json.map((item, index) => withDefaults(type, value[index] as Fields, item));
	}
	if (field.map) {
		const values = value as Record<string, Fields>;
		return Object.fromEntries(
			Object.entries(json as JsonObject).map(([key, item]) => [
				key,
				withDefaults(type, values[key] ?? {}, item),
			]),
		);
	}
	return withDefaults(type, value as Fields, json);
}

/** The type of a field that holds messages; undefined for any other. */
export function messageType(field: Field): Type | undefined {
	const { resolvedType } = field;
	return resolvedType && 'fieldsArray' in resolvedType ? resolvedType : undefined;
}

/** Whether a field that was not set is not the same as one that is empty. */
function hasPresence(field: Field): boolean {
	if (field.repeated || field.map) return false;
	return field.partOf !== null || messageType(field) !== undefined || field.hasPresence;
}

function defaultOf(field: Field): JsonValue {
	if (field.map) return {};
	if (field.repeated) return [];
	const { resolvedType } = field;
	if (resolvedType && 'valuesById' in resolvedType) return resolvedType.valuesById[0] ?? 0;
	switch (field.type) {
		case 'string':
		case 'bytes':
			return '';
		case 'bool':
			return false;
		default:
			return isLong(field.type) ? '0' : 0;
	}
}

/** Whether a scalar type has 64 bits. */
export function isLong(type: string): boolean {
	return type.endsWith('64');
}
