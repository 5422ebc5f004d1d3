import type { JsonObject } from '../../wire/json-value.ts';
import type { InputSchema } from './input-schema.ts';

/** The annotation by which a listed schema says that its tool cannot be called, and why. */
const unusableKey = 'x-orchestra-unusable';

/** The JSON Schema that list_tools gives. A copy each time. */
export function listedSchema({ jsonSchema, problem }: InputSchema): JsonObject {
	const copy = structuredClone(jsonSchema);
	if (problem) copy[unusableKey] = problem.message;
	return copy;
}

/** Reason why a listed tool cannot be called, where it says so. */
export function unusableBecause(schema: JsonObject): string | undefined {
	const why = Object.hasOwn(schema, unusableKey) ? schema[unusableKey] : undefined;
	return typeof why === 'string' ? why : undefined;
}
