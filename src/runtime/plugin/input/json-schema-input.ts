import type { JsonObject } from '../../wire/json-value.ts';
import type { OrchestraError } from '../../wire/orchestra-error.ts';
import { messageOf } from '../../wire/thrown-value.ts';
import type { CompiledCheck } from './compiled-check.ts';
import type { InputResult, InputSchema } from './input-schema.ts';
import { invalidSchema, objectSchema } from './object-schema.ts';
import { type PlainCheck, plainCheck } from './plain-schema.ts';

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
	#compiled: CompiledCheck | undefined;
	#compiling: Promise<CompiledCheck> | undefined;

	constructor(subject: string, jsonSchema: JsonObject) {
		this.#subject = subject;
		this.jsonSchema = jsonSchema;
		this.#plain = plainCheck(jsonSchema);
	}

	validate(args: JsonObject): InputResult | Promise<InputResult> {
		if (this.#plain?.(args)) return { value: args };
		if (this.#compiled) return this.#compiled(args);
		return this.#compile().then((compiled) => compiled(args));
	}

	async check(): Promise<void> {
		// A schema of which all is known has nothing wrong.
		if (!this.#plain) await this.#compile();
	}

	#compile(): Promise<CompiledCheck> {
		this.#compiling ??= compile(this.jsonSchema).then(
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

async function compile(schema: JsonObject): Promise<CompiledCheck> {
	const { compiledCheck } = await import('./compiled-check.ts');
	return compiledCheck(schema);
}
