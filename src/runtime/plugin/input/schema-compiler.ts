import type { Ajv, Options, ValidateFunction } from 'ajv';
import type { JsonObject } from '../../wire/json-value.ts';

// One compiler each for all schemas of the process: its first use costs tens of milliseconds.
let latest: Promise<Ajv> | undefined;
let draft07: Promise<Ajv> | undefined;

const options: Options = {
	allErrors: true,
	useDefaults: true,
	coerceTypes: false,
	// Unknown keywords are annotations, as JSON Schema says; a known one that is used wrongly is refused all the same.
	strict: false,
	// Since 2020-12 a format is an annotation.
	validateFormats: false,
	// Two tools may use schemas of the same $id.
	addUsedSchema: false,
	logger: false,
};

/**
 * Compiles a JSON Schema, of draft-07 where its `$schema` says so, else of 2020-12. References go to the schema itself only:
 * nothing is fetched. Rejects where the schema is wrong.
 */
export async function compileSchema(schema: JsonObject): Promise<ValidateFunction> {
	const dialect = schema.$schema;
	const isDraft07 = typeof dialect === 'string' && dialect.includes('draft-07');
	const ajv = await (isDraft07 ? draft07Compiler() : latestCompiler());
	try {
		const compiled = ajv.compile(schema);
		if ('$async' in schema) throw new Error('it is asynchronous');
		return compiled;
	} finally {
		// A host that loads plugins again and again must not keep every schema it ever saw.
		ajv.removeSchema(schema);
	}
}

function latestCompiler(): Promise<Ajv> {
	latest ??= import('ajv/dist/2020.js').then(({ Ajv2020 }) => new Ajv2020(options) as unknown as Ajv);
	return latest;
}

function draft07Compiler(): Promise<Ajv> {
	draft07 ??= import('ajv').then(({ Ajv }) => new Ajv(options));
	return draft07;
}
