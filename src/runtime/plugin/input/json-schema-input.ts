import type { ErrorObject, ValidateFunction } from 'ajv';
import type { JsonObject } from '../../wire/json-value.ts';
import { jsonPointer } from '../../wire/not-json.ts';
import type { Fault } from './fault.ts';
import type { InputResult, InputSchema } from './input-schema.ts';
import { invalidSchema, objectSchema } from './object-schema.ts';
import { compileSchema } from './schema-compiler.ts';

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
	readonly #subject: string;
	#compiled: ValidateFunction | undefined;
	#compiling: Promise<ValidateFunction> | undefined;

	constructor(subject: string, jsonSchema: JsonObject) {
		this.#subject = subject;
		this.jsonSchema = jsonSchema;
	}

	validate(args: JsonObject): InputResult | Promise<InputResult> {
		if (this.#compiled) return run(this.#compiled, args);
		return this.#compile().then((compiled) => run(compiled, args));
	}

	async check(): Promise<void> {
		await this.#compile();
	}

	#compile(): Promise<ValidateFunction> {
		this.#compiling ??= compileSchema(this.jsonSchema).then(
			(compiled) => {
				this.#compiled = compiled;
				return compiled;
			},
			(error) => {
				const text = error instanceof Error ? error.message : String(error);
				throw invalidSchema(this.#subject, text, error);
			},
		);
		return this.#compiling;
	}
}

function run(compiled: ValidateFunction, args: JsonObject): InputResult {
	return compiled(args) ? { value: args } : { faults: (compiled.errors ?? []).map(toFault) };
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
