import type { JsonObject, JsonValue } from '../../wire/json-value.ts';
import { jsonPointer } from '../../wire/not-json.ts';

/** Keywords whose value is a schema. */
const single = [
	'additionalItems',
	'additionalProperties',
	'contains',
	'contentSchema',
	'else',
	'if',
	'items',
	'not',
	'propertyNames',
	'then',
	'unevaluatedItems',
	'unevaluatedProperties',
];

/** Keywords whose value is a list of schemas; `items` is either. */
const lists = ['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems'];

/** Keywords whose value is an object with schemas in it, by names of any kind. */
const maps = ['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties'];

/** Whether a value can be a schema that holds others. */
export function isSchemaObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Calls `visit` with a schema and each schema below it, the outer ones first, each with its JSON pointer. */
export function walkSchema(
	schema: JsonObject,
	visit: (schema: JsonObject, pointer: string) => void,
	path: readonly string[] = [],
): void {
	visit(schema, jsonPointer(path, path.length));
	const into = (value: JsonValue | undefined, ...steps: string[]) => {
		if (isSchemaObject(value)) walkSchema(value, visit, [...path, ...steps]);
	};
	for (const name of single) if (Object.hasOwn(schema, name)) into(schema[name], name);
	for (const name of lists) {
		const list = Object.hasOwn(schema, name) ? schema[name] : undefined;
		if (Array.isArray(list)) for (const [i, item] of list.entries()) into(item, name, String(i));
	}
	for (const name of maps) {
		const map = Object.hasOwn(schema, name) ? schema[name] : undefined;
		if (isSchemaObject(map)) for (const key of Object.keys(map)) into(map[key], name, key);
	}
}
