import type { ErrorObject, ValidateFunction } from 'ajv';
import type { JsonObject, JsonValue } from '../../wire/json-value.ts';
import { jsonPointer } from '../../wire/not-json.ts';
import type { OrchestraError } from '../../wire/orchestra-error.ts';
import { messageOf } from '../../wire/thrown-value.ts';
import { PatternTooSlow, renewPatternBudget } from './bounded-pattern.ts';
import type { Fault } from './fault.ts';
import type { InputResult, InputSchema } from './input-schema.ts';
import { invalidSchema, objectSchema } from './object-schema.ts';
import { type CompiledSchema, compileSchema } from './schema-compiler.ts';

/**
 * Checks arguments with a JSON Schema. The compiler is loaded and run once, on the first use. Defaults are filled in; types are
 * not coerced; formats are not checked.
 *
 * @throws OrchestraError `invalid_schema` where it cannot be the schema of an object
 */
export function jsonSchemaInput(subject: string, schema: unknown): InputSchema {
	return new JsonSchemaInput(subject, objectSchema(subject, schema));
}

class JsonSchemaInput implements InputSchema {
	readonly jsonSchema: JsonObject;
	problem: OrchestraError | undefined;
	readonly #subject: string;
	#compiled: CompiledSchema | undefined;
	#compiling: Promise<CompiledSchema> | undefined;

	constructor(subject: string, jsonSchema: JsonObject) {
		this.#subject = subject;
		this.jsonSchema = jsonSchema;
	}

	validate(args: JsonObject): InputResult | Promise<InputResult> {
		if (this.#compiled) return validateWith(this.#compiled, args);
		return this.#compile().then((compiled) => validateWith(compiled, args));
	}

	async check(): Promise<void> {
		await this.#compile();
	}

	#compile(): Promise<CompiledSchema> {
		this.#compiling ??= compileSchema(this.jsonSchema).then(
			(compiled) => {
				this.#compiled = compiled;
				return compiled;
			},
			(error) => {
				const text = messageOf(error);
				this.problem = invalidSchema(this.#subject, text, error);
				throw this.problem;
			},
		);
		return this.#compiling;
	}
}

/** Values in arguments whose faults are all found. In larger ones the first is: each fault of a list of millions costs memory. */
const mostValuesForAllFaults = 10_000;

/** Whether arguments have at most so many values. Stops counting when they have not. */
export function isSmall(args: JsonObject, most: number = mostValuesForAllFaults): boolean {
	return valuesLeft(args, most) >= 0;
}

/** What is left of a number of values when those of one are taken off; below 0 where there are more. No closure: it runs with each call. */
function valuesLeft(value: JsonValue | undefined, most: number): number {
	let left = most - 1;
	if (left < 0 || typeof value !== 'object' || value === null) return left;
	if (Array.isArray(value)) {
		// Every item counts one at least; and to loop over the names of a list of millions would make them all first, for seconds.
		if (value.length > left) return -1;
		for (const item of value) {
			if (left < 0) break;
			left = valuesLeft(item, left);
		}
		return left;
	}
	for (const key in value) {
		if (left < 0) break;
		left = valuesLeft((value as JsonObject)[key], left);
	}
	return left;
}

/** Checks arguments with a compiled schema. */
export function validateWith(compiled: CompiledSchema, args: JsonObject): InputResult {
	renewPatternBudget();
	try {
		return check(compiled, args);
	} catch (error) {
		if (error instanceof PatternTooSlow) return { faults: [{ pointer: '', message: error.message }] };
		throw error;
	}
}

function check(compiled: CompiledSchema, args: JsonObject): InputResult {
	if (compiled.check(args)) return { value: args };
	if (!isSmall(args)) return { faults: faultsOf(compiled.check) };
	const all = compiled.all();
	return all(args) ? { value: args } : { faults: faultsOf(all) };
}

/** What a compiled check that has just failed found wrong. */
function faultsOf({ errors }: ValidateFunction): Fault[] {
	return (errors ?? []).map(toFault);
}

/** What ajv says of the object that holds a property is said of the property. */
function toFault(error: ErrorObject): Fault {
	const { instancePath, keyword, params, message } = error;
	if (keyword === 'required') {
		return { pointer: instancePath + jsonPointer([], 0, params.missingProperty), message: 'is required' };
	}
	if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
		const name: string = params.additionalProperty ?? params.unevaluatedProperty;
		return { pointer: instancePath + jsonPointer([], 0, name), message: 'is not an argument' };
	}
	if (keyword === 'enum') {
		const allowed = (params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', ');
		return { pointer: instancePath, message: `must be one of ${allowed}` };
	}
	return { pointer: instancePath, message: message ?? `breaks the rule "${keyword}"` };
}
