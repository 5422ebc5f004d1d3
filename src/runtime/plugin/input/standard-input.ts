import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';
import type { JsonObject } from '../../wire/json-value.ts';
import { jsonPointer } from '../../wire/not-json.ts';
import { messageOf } from '../../wire/thrown-value.ts';
import type { Fault } from './fault.ts';
import { anyObjectSchema, type InputResult, type InputSchema } from './input-schema.ts';
import { invalidSchema, objectSchema } from './object-schema.ts';
import { isSmall } from './small-arguments.ts';

type Vendor = StandardSchemaV1['~standard'] & Partial<StandardJSONSchemaV1['~standard']>;

/** Whether a value is a Standard Schema. Some libraries' schemas are functions. */
export function isStandardSchema(value: unknown): value is StandardSchemaV1 {
	if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
	const standard = (value as Partial<StandardSchemaV1>)['~standard'];
	return typeof standard === 'object' && standard !== null && typeof standard.validate === 'function';
}

/**
 * Checks arguments with a Standard Schema.
 *
 * @param listed the JSON Schema to list in place of the one that the schema gives
 * @throws OrchestraError `invalid_schema` where the schema cannot be told as the JSON Schema of an object
 */
export function standardInput(subject: string, schema: StandardSchemaV1, listed?: unknown): InputSchema {
	const standard: Vendor = schema['~standard'];
	if (standard.version !== 1) {
		throw invalidSchema(subject, `it follows version ${String(standard.version)} of Standard Schema, not 1`);
	}
	const jsonSchema = listed === undefined ? ownJsonSchema(subject, standard) : objectSchema(subject, listed);
	return {
		jsonSchema,
		validate(args) {
			// A library finds every fault before it says the first: of millions that takes minutes, and gigabytes.
			if (listed === undefined && standard.jsonSchema && !isSmall(args, mostValuesAtOnce)) {
				return checkLarge(jsonSchema, args, standard);
			}
			return validateAll(standard, args);
		},
		check: async () => {},
	};
}

/** Values in arguments that a library checks as they are. */
const mostValuesAtOnce = 50_000;

/** Checks large arguments with the schema's own JSON Schema first, which stops at the first fault, then as others. */
async function checkLarge(jsonSchema: JsonObject, args: JsonObject, standard: Vendor): Promise<InputResult> {
	const { compiledCheck } = await import('./compiled-check.ts');
	const check = await compiledCheck(jsonSchema).catch(() => undefined);
	// A copy: defaults that are filled in are the library's business.
	const checked = check?.(structuredClone(args));
	return checked?.faults ? checked : validateAll(standard, args);
}

function validateAll(standard: Vendor, args: JsonObject): InputResult | Promise<InputResult> {
	const result = standard.validate(args);
	return isPromise(result) ? result.then(toInputResult) : toInputResult(result);
}

function ownJsonSchema(subject: string, standard: Vendor): JsonObject {
	if (!standard.jsonSchema) return anyObjectSchema();
	let schema: Record<string, unknown>;
	try {
		schema = standard.jsonSchema.input({ target: 'draft-2020-12' });
	} catch (error) {
		const text = messageOf(error);
		throw invalidSchema(subject, `${standard.vendor} cannot tell it as JSON Schema (${text})`, error);
	}
	return objectSchema(subject, schema);
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
	return typeof (value as Partial<Promise<T>>).then === 'function';
}

function toInputResult(result: StandardSchemaV1.Result<unknown>): InputResult {
	return result.issues ? { faults: result.issues.map(toFault) } : result;
}

function toFault(issue: StandardSchemaV1.Issue): Fault {
	const keys = (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step));
	return { pointer: jsonPointer(keys, keys.length), message: issue.message };
}
