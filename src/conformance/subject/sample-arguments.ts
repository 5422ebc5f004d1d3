import { compileSchema } from '../../runtime/plugin/input/schema-compiler.ts';
import { isSchemaObject } from '../../runtime/plugin/input/schema-tree.ts';
import type { JsonObject, JsonValue } from '../../runtime/wire/json-value.ts';

/** Levels of objects that are filled in. */
const maxDepth = 6;

const textOfFormat: Readonly<Record<string, string>> = {
	date: '2026-01-02',
	'date-time': '2026-01-02T03:04:05Z',
	time: '03:04:05Z',
	email: 'somebody@example.com',
	uri: 'https://example.com/',
	uuid: '00000000-0000-4000-8000-000000000000',
	ipv4: '127.0.0.1',
};

/**
 * Arguments that a tool's schema allows: what is required and no more, from its examples and defaults where it has some. Undefined
 * where none are found: a schema may ask for what only its author can say.
 */
export async function sampleArguments(schema: JsonObject): Promise<JsonObject | undefined> {
	const sample = sampleOf(schema, 0);
	if (!isSchemaObject(sample)) return Object.keys(schema).length === 0 ? {} : undefined;
	return (await fits(schema, sample as JsonObject)) ? (sample as JsonObject) : undefined;
}

/** Arguments that a tool's schema does not allow. Undefined where it allows everything. */
export async function wrongArguments(schema: JsonObject): Promise<JsonObject | undefined> {
	const properties = isSchemaObject(schema.properties) ? schema.properties : {};
	const candidates: JsonObject[] = [
		{},
		...Object.keys(properties).flatMap((name) => [{ [name]: null }, { [name]: { wrong: true } }]),
		{ 'no such argument': true },
	];
	for (const candidate of candidates) if (!(await fits(schema, candidate))) return candidate;
	return undefined;
}

/** False as well where the schema cannot be compiled. */
async function fits(schema: JsonObject, value: JsonObject): Promise<boolean> {
	try {
		// Checking fills in defaults.
		return (await compileSchema(schema)).check(structuredClone(value));
	} catch {
		return false;
	}
}

function sampleOf(schema: unknown, depth: number): JsonValue | undefined {
	if (!isSchemaObject(schema) || depth > maxDepth) return undefined;
	if ('const' in schema) return schema.const as JsonValue;
	if ('default' in schema) return schema.default as JsonValue;
	for (const list of [schema.examples, schema.enum])
		if (Array.isArray(list) && list.length > 0) return list[0];
	for (const list of [schema.anyOf, schema.oneOf])
		if (Array.isArray(list) && list.length > 0) return sampleOf(merged(schema, list[0]), depth + 1);
	const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
	switch (type ?? (isSchemaObject(schema.properties) ? 'object' : undefined)) {
		case 'object':
			return objectOf(schema as JsonObject, depth);
		case 'array': {
			const item = sampleOf(schema.items, depth + 1) ?? null;
			return Array.from({ length: numberOf(schema.minItems) ?? 0 }, () => item);
		}
		case 'string':
			return textOf(schema as JsonObject);
		case 'integer':
		case 'number': {
			const least = numberOf(schema.minimum) ?? (numberOf(schema.exclusiveMinimum) ?? -1) + 1;
			const step = numberOf(schema.multipleOf);
			return step ? Math.ceil(least / step) * step : type === 'integer' ? Math.ceil(least) : least;
		}
		case 'boolean':
			return false;
		default:
			return null;
	}
}

/** A schema with one of its alternatives beside it. */
function merged({ anyOf: _any, oneOf: _one, ...schema }: JsonObject, branch: unknown): JsonObject {
	return { ...schema, ...(isSchemaObject(branch) ? branch : {}) };
}

function objectOf(schema: JsonObject, depth: number): JsonObject {
	const properties = isSchemaObject(schema.properties) ? schema.properties : {};
	const required = Array.isArray(schema.required) ? schema.required : [];
	return Object.fromEntries(
		required.flatMap((name) => {
			const value = sampleOf((properties as JsonObject)[String(name)], depth + 1);
			return value === undefined ? [] : [[String(name), value]];
		}),
	);
}

function textOf(schema: JsonObject): string {
	const text = textOfFormat[String(schema.format)] ?? 'x';
	return text.padEnd(numberOf(schema.minLength) ?? 0, 'x');
}

function numberOf(value: unknown): number | undefined {
	return typeof value === 'number' ? value : undefined;
}
