import { join } from 'node:path';
import protobuf from 'protobufjs';
import type { JsonValue } from '../../src/runtime/wire/json-value.ts';

const protoDir = join(import.meta.dirname, '../../proto');

/** The messages as protobufjs understands them, from the .proto files: an independent reader and writer. */
export const root = new protobuf.Root();
root.resolvePath = (_origin, target) => (target.startsWith('google/') ? target : join(protoDir, target));
root.loadSync('orchestra/plugin/v1/plugin.proto').resolveAll();

export const structType = root.lookupType('google.protobuf.Struct');
export const valueType = root.lookupType('google.protobuf.Value');

export function messageType(name: string): protobuf.Type {
	return root.lookupType(`orchestra.plugin.v1.${name}`);
}

/** Decodes with protobufjs, dropping what it does not know, so that a field with a wrong number shows. */
export function decodeReflectively(type: protobuf.Type, bytes: Uint8Array): protobuf.Message {
	const reader = protobuf.Reader.create(bytes);
	reader.discardUnknown = true;
	return type.decode(reader);
}

interface ReflectiveValue {
	nullValue?: number;
	numberValue?: number;
	stringValue?: string;
	boolValue?: boolean;
	structValue?: { fields: Record<string, ReflectiveValue> };
	listValue?: { values: ReflectiveValue[] };
}

/** A JS value as protobufjs's own google.protobuf.Value. */
export function toReflectiveValue(value: JsonValue): ReflectiveValue {
	if (value === null) return { nullValue: 0 };
	if (typeof value === 'number') return { numberValue: value };
	if (typeof value === 'string') return { stringValue: value };
	if (typeof value === 'boolean') return { boolValue: value };
	if (Array.isArray(value)) return { listValue: { values: value.map(toReflectiveValue) } };
	return { structValue: toReflectiveStruct(value) };
}

/** A JS object as protobufjs's own google.protobuf.Struct. */
export function toReflectiveStruct(value: object): { fields: Record<string, ReflectiveValue> } {
	const entries = Object.entries(value).map(([key, item]) => [key, toReflectiveValue(item)] as const);
	return { fields: Object.fromEntries(entries) };
}

/** What protobufjs read as google.protobuf.Struct, as a JS value. */
export function fromReflectiveStruct(struct: unknown): JsonValue {
	const { fields } = struct as { fields: Record<string, ReflectiveValue> };
	return Object.fromEntries(Object.entries(fields).map(([key, item]) => [key, fromReflectiveValue(item)]));
}

function fromReflectiveValue(value: ReflectiveValue): JsonValue {
	// Fields that are not set read as their defaults from the prototype; the oneof says which one is set.
	switch ((value as { kind?: keyof ReflectiveValue }).kind) {
		case 'structValue':
			return fromReflectiveStruct(value.structValue);
		case 'listValue':
			return value.listValue?.values.map(fromReflectiveValue) ?? null;
		case 'stringValue':
			return value.stringValue ?? null;
		case 'numberValue':
			return value.numberValue ?? null;
		case 'boolValue':
			return value.boolValue ?? null;
		default:
			return null;
	}
}
