import type { ErrorObject, ValidateFunction } from 'ajv';
import type { JsonObject, JsonValue } from '../../wire/json-value.ts';
import { jsonPointer } from '../../wire/not-json.ts';
import type { OrchestraError } from '../../wire/orchestra-error.ts';
import { messageOf } from '../../wire/thrown-value.ts';
import { PatternTooSlow, renewPatternBudget } from './bounded-pattern.ts';
import type { Fault } from './fault.ts';
import type { InputResult, InputSchema } from './input-schema.ts';
import { invalidSchema, objectSchema } from './object-schema.ts';
import { type PlainCheck, plainCheck } from './plain-schema.ts';
import { type CompiledSchema, compileSchema } from './schema-compiler.ts';

/**
 * Checks arguments with a JSON Schema. The compiler is loaded and run once, where it is first needed: for arguments that do not fit, or
 * for a schema that is not plain. Defaults are filled in; types are
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
	/** Undefined where only the compiler can say. */
	readonly #plain: PlainCheck | undefined;
	#compiled: CompiledSchema | undefined;
	#compiling: Promise<CompiledSchema> | undefined;

	constructor(subject: string, jsonSchema: JsonObject) {
		this.#subject = subject;
		this.jsonSchema = jsonSchema;
		this.#plain = plainCheck(jsonSchema);
	}

	validate(args: JsonObject): InputResult | Promise<InputResult> {
		if (this.#plain?.(args)) return { value: args };
		if (this.#compiled) return validateWith(this.#compiled, args);
		return this.#compile().then((compiled) => validateWith(compiled, args));
	}

	async check(): Promise<void> {
		// A schema of which all is known has nothing wrong.
		if (!this.#plain) await this.#compile();
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

/** Number of values left when those of one are taken off; below 0 where there are more. No closure: it runs with each call. */
function valuesLeft(value: JsonValue | undefined, most: number): number {
	let left = most - 1;
	if (left < 0 || typeof value !== 'object' || value === null) return left;
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

/** Faults that a compiled check has just found. */
function faultsOf({ errors }: ValidateFunction): Fault[] {
	return (errors ?? []).map(toFault);
}

/** Moves a fault that ajv reports of an object to the property that it is about. */
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
