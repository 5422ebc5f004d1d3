import type { Enum, Field, Type } from 'protobufjs/light.js';
import type { JsonObject } from '../wire/json-value.ts';
import { setOwn } from '../wire/set-own.ts';
import { isLong, messageType, wellKnownPrefix } from './message-json.ts';

/** The JSON forms of protobuf's own messages. */
const wellKnown: Readonly<Record<string, JsonObject>> = {
	Timestamp: { type: 'string', format: 'date-time' },
	Duration: { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]+)?s$', description: 'Seconds, such as 1.5s.' },
	Struct: { type: 'object' },
	Value: {},
	ListValue: { type: 'array' },
	FieldMask: { type: 'string' },
	Empty: { type: 'object' },
	Any: { type: 'object' },
	BoolValue: { type: 'boolean' },
	StringValue: { type: 'string' },
	BytesValue: { type: 'string', contentEncoding: 'base64' },
	Int32Value: { type: 'integer' },
	UInt32Value: { type: 'integer', minimum: 0 },
	Int64Value: { type: ['integer', 'string'], pattern: '^-?[0-9]+$' },
	UInt64Value: { type: ['integer', 'string'], pattern: '^[0-9]+$' },
	FloatValue: { type: 'number' },
	DoubleValue: { type: 'number' },
};

/**
 * The JSON Schema of a message in protobuf's JSON, as an object. Messages in it stand in `$defs`, once each, since they may hold
 * themselves.
 *
 * @param hidden fields of the message itself that are left out, by their JSON names
 */
export function messageSchema(type: Type, hidden: readonly string[] = []): JsonObject {
	const definitions: Record<string, JsonObject> = {};
	const schema = objectOf(type, definitions, hidden);
	return Object.keys(definitions).length > 0 ? { ...schema, $defs: definitions } : schema;
}

function objectOf(
	type: Type,
	definitions: Record<string, JsonObject>,
	hidden: readonly string[] = [],
): JsonObject {
	const own = wellKnownSchema(type);
	if (own) return own.type === 'object' ? own : { type: 'object' };
	const properties: Record<string, JsonObject> = {};
	for (const field of type.fieldsArray) {
		const name = field.jsonName ?? field.name;
		if (!hidden.includes(name)) setOwn(properties, name, fieldSchema(field, definitions));
	}
	const required = type.fieldsArray
		.filter((field) => field.required)
		.map((field) => field.jsonName ?? field.name);
	return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
}

function fieldSchema(field: Field, definitions: Record<string, JsonObject>): JsonObject {
	const value = valueSchema(field, definitions);
	if (field.map) return { type: 'object', additionalProperties: value };
	return field.repeated ? { type: 'array', items: value } : value;
}

function valueSchema(field: Field, definitions: Record<string, JsonObject>): JsonObject {
	const { resolvedType } = field;
	if (!resolvedType) return scalarSchema(field.type);
	const type = messageType(field);
	if (!type) return { type: 'string', enum: Object.keys((resolvedType as Enum).values) };
	const own = wellKnownSchema(type);
	if (own) return own;
	const name = type.fullName.slice(1);
	if (!(name in definitions)) {
		definitions[name] = {};
		definitions[name] = objectOf(type, definitions);
	}
	return { $ref: `#/$defs/${name}` };
}

function wellKnownSchema({ fullName }: Type): JsonObject | undefined {
	return fullName.startsWith(wellKnownPrefix) ? wellKnown[fullName.slice(wellKnownPrefix.length)] : undefined;
}

function scalarSchema(type: string): JsonObject {
	if (type === 'string') return { type };
	if (type === 'bytes') return { type: 'string', contentEncoding: 'base64' };
	if (type === 'bool') return { type: 'boolean' };
	if (type === 'float' || type === 'double') return { type: 'number' };
	const unsigned = type.startsWith('u') || type.startsWith('fixed');
	if (isLong(type)) {
		return { type: ['integer', 'string'], pattern: unsigned ? '^[0-9]+$' : '^-?[0-9]+$' };
	}
	const limit = unsigned ? 2 ** 32 - 1 : 2 ** 31 - 1;
	return { type: 'integer', minimum: unsigned ? 0 : -(2 ** 31), maximum: limit };
}
