import type { JsonObject } from '../../wire/json-value.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { copyStruct } from '../../wire/struct-copy.ts';

/** The error of a schema that cannot be an input schema. */
export function invalidSchema(subject: string, why: string, cause?: unknown): OrchestraError {
	return new OrchestraError('invalid_schema', `the input schema of ${subject} is wrong: ${why}`, {
		cause,
		hint: 'Give a Standard Schema (zod, valibot, arktype, …) or a JSON Schema that describes an object.',
	});
}

/**
 * Checks, cheaply, that a value can be the JSON Schema of an object, and returns a copy that says so. What only a compiler
 * finds is left to {@link InputSchema.check}.
 *
 * @throws OrchestraError `invalid_schema`
 */
export function objectSchema(subject: string, schema: unknown): JsonObject {
	if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
		throw invalidSchema(subject, `it is ${schema === null ? 'null' : describe(schema)}`);
	}
	let copy: JsonObject;
	try {
		copy = copyStruct(schema);
	} catch (error) {
		throw invalidSchema(subject, `it is no JSON (${error instanceof Error ? error.message : error})`, error);
	}
	assertKeyword(subject, copy);
	const { type, properties, required } = copy;
	const types = Array.isArray(type) ? type : [type];
	if (type !== undefined && !types.includes('object')) {
		throw invalidSchema(subject, `it describes ${JSON.stringify(type)}, but arguments are an object`);
	}
	if (
		properties !== undefined &&
		(typeof properties !== 'object' || Array.isArray(properties) || !properties)
	) {
		throw invalidSchema(subject, 'its "properties" are no object');
	}
	const names = required === undefined || (Array.isArray(required) && required.every(isText));
	if (!names) throw invalidSchema(subject, 'its "required" is no array of names');
	return type === undefined ? { type: 'object', ...copy } : copy;
}

/** Keywords of JSON Schema, in any of its versions. */
const objectKeywords = new Set(
	'type properties required additionalProperties patternProperties propertyNames minProperties maxProperties allOf anyOf oneOf not if $ref $defs definitions dependentSchemas dependentRequired dependencies unevaluatedProperties enum const $schema $id title description default examples minimum maximum exclusiveMinimum exclusiveMaximum multipleOf pattern format minLength maxLength items minItems maxItems uniqueItems nullable'.split(
		' ',
	),
);

/** `{ city: 'string' }` is JSON Schema to the letter, and lets everything through. */
function assertKeyword(subject: string, schema: JsonObject): void {
	const names = Object.keys(schema);
	if (names.length === 0 || names.some((name) => objectKeywords.has(name) || /^(x-|\$)/.test(name))) return;
	const fields = names.filter((name) => typeof schema[name] === 'string' || typeof schema[name] === 'object');
	if (fields.length < names.length) return;
	throw invalidSchema(
		subject,
		`it has no keyword of JSON Schema: write { type: 'object', properties: { ${names[0]}: … } }`,
	);
}

function isText(value: unknown): boolean {
	return typeof value === 'string';
}

function describe(value: unknown): string {
	return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
