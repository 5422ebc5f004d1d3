import type { Ajv, Options, ValidateFunction } from 'ajv';
import type { JsonObject } from '../../wire/json-value.ts';
import { copyStruct } from '../../wire/struct-copy.ts';
import { plainLimits } from './numeric-limits.ts';
import { type Dialect, dialectOf } from './schema-dialect.ts';
import { replaceKeywords } from './schema-keywords.ts';
import { schemaRegExp } from './schema-pattern.ts';
import { isSchemaObject, walkSchema } from './schema-tree.ts';

/** A compiled schema. */
export interface CompiledSchema {
	/** Checks whether a value fits, and stops at the first fault. */
	readonly check: ValidateFunction;
	/** Does what `check` does, but finds every fault. Compiled when it is first asked for: most calls have none. */
	all(): ValidateFunction;
}

const options: Options = {
	useDefaults: true,
	coerceTypes: false,
	// Unknown keywords are annotations, as JSON Schema says; a known one that is used wrongly is refused all the same.
	strict: false,
	// Since 2020-12 a format is an annotation.
	validateFormats: false,
	// A property that every object inherits, such as "constructor", is none that was given.
	ownProperties: true,
	// Two tools may use schemas of the same $id.
	addUsedSchema: false,
	logger: false,
	code: { regExp: Object.assign((pattern: string) => schemaRegExp(pattern), { code: 'schemaRegExp' }) },
};

// One compiler each for all schemas of the process: its first use costs tens of milliseconds.
const compilers = new Map<string, Promise<Ajv>>();

/**
 * Compiles a JSON Schema of 2020-12, 2019-09, draft-07, draft-06 or draft-04. References go to the schema itself only: nothing is fetched.
 * Rejects where the schema is wrong, with its place.
 */
export async function compileSchema(schema: JsonObject): Promise<CompiledSchema> {
	const own = copyStruct(schema);
	let older = false;
	walkSchema(own, (part) => {
		older ||= Array.isArray(part.items);
	});
	const dialect = dialectOf(own, older);
	if (dialect === undefined) {
		throw new Error(
			`/$schema names ${JSON.stringify(own.$schema)}; known are JSON Schema 2020-12, 2019-09, draft-07, draft-06 and draft-04`,
		);
	}
	if ('$async' in own) throw new Error('/$async: it is asynchronous');
	const id = typeof own.$id === 'string' ? own.$id.replace(/#$/, '') : '';
	walkSchema(own, (part, pointer) => prepare(part, pointer, id));
	// The compiler finds what "#" leads to by the schema's name alone.
	if (id === '') own.$id = nameless;
	const check = await compileWith(dialect, own, false);
	const ajv = await compilerOf(dialect, true);
	let all: ValidateFunction | undefined;
	return {
		check,
		all() {
			all ??= compileOnce(ajv, own);
			return all;
		},
	};
}

/** The name of a schema that has none. */
const nameless = 'input';

async function compileWith(
	dialect: Dialect,
	schema: JsonObject,
	allErrors: boolean,
): Promise<ValidateFunction> {
	const ajv = await compilerOf(dialect, allErrors);
	try {
		return compileOnce(ajv, schema);
	} catch (error) {
		throw placed(error, schema);
	}
}

function compileOnce(ajv: Ajv, schema: JsonObject): ValidateFunction {
	try {
		return ajv.compile(schema);
	} finally {
		// A host that loads plugins again and again must not keep every schema it ever saw.
		ajv.removeSchema(schema);
	}
}

/**
 * The compiler says `data/properties/n/type must be …` of the schema that it holds against the dialect, and of a reference to
 * nothing what it leads to, but not where it stands.
 */
function placed(error: unknown, schema: JsonObject): Error {
	const text = error instanceof Error ? error.message : String(error);
	const [, reference] = /^can't resolve reference (\S+) from id /.exec(text) ?? [];
	if (reference !== undefined) {
		let place = '';
		walkSchema(schema, ({ $ref }, pointer) => {
			if ($ref === reference) place ||= `${pointer}/$ref`;
		});
		return new Error(`${place} leads to ${reference}, which is not in the schema`, { cause: error });
	}
	const [first = text] = text.replace(/^schema is invalid: /, '').split(', data/');
	return new Error(first.replace(/^data(?=\/)/, ''), { cause: error });
}

function compilerOf(dialect: Dialect, allErrors: boolean): Promise<Ajv> {
	const key = `${dialect} ${allErrors}`;
	let compiler = compilers.get(key);
	if (!compiler) {
		compiler = createCompiler(dialect, { ...options, allErrors });
		compilers.set(key, compiler);
	}
	return compiler;
}

async function createCompiler(dialect: Dialect, chosen: Options): Promise<Ajv> {
	let ajv: Ajv;
	if (dialect === '2020-12') {
		const { Ajv2020 } = await import('ajv/dist/2020.js');
		ajv = new Ajv2020(chosen) as unknown as Ajv;
	} else if (dialect === '2019-09') {
		const { Ajv2019 } = await import('ajv/dist/2019.js');
		ajv = new Ajv2019(chosen) as unknown as Ajv;
	} else {
		const { Ajv } = await import('ajv');
		ajv = new Ajv(chosen);
	}
	replaceKeywords(ajv);
	return ajv;
}

/** Makes a part of a schema one that the compiler takes and that means the same. @throws Error with the place of a fault */
function prepare(part: JsonObject, pointer: string, id: string): void {
	// The dialect has been found out; the compiler knows each by one spelling only.
	delete part.$schema;
	// An annotation since draft-06. The compiler refuses it, for it was the name of a schema before.
	if (typeof part.id === 'string') delete part.id;
	if (Object.hasOwn(part, 'nullable')) allowNull(part);
	plainLimits(part);
	const { $ref: named } = part;
	if (id !== '' && typeof named === 'string' && (named === id || named.startsWith(`${id}#`))) {
		part.$ref = `#${named.slice(id.length + 1)}`;
	}
	const { pattern, patternProperties, $ref } = part;
	if (typeof pattern === 'string') assertPattern(pattern, `${pointer}/pattern`);
	if (isSchemaObject(patternProperties)) {
		for (const key of Object.keys(patternProperties)) assertPattern(key, `${pointer}/patternProperties`);
	}
	if (typeof $ref === 'string' && /^(https?:)?\/\//.test($ref)) {
		throw new Error(`${pointer}/$ref leads to ${$ref}, and nothing is fetched: put it into "$defs"`);
	}
}

function assertPattern(pattern: string, pointer: string): void {
	try {
		schemaRegExp(pattern);
	} catch (error) {
		throw new Error(`${pointer} is no regular expression: ${(error as Error).message}`, { cause: error });
	}
}

/** OpenAPI's way to allow null. Without anything that says which values are allowed, null is anyway. */
function allowNull(part: JsonObject): void {
	const isNullable = part.nullable === true;
	delete part.nullable;
	if (!isNullable) return;
	if (part.type !== undefined) {
		const types = Array.isArray(part.type) ? part.type : [part.type];
		part.type = types.includes('null') ? types : [...types, 'null'];
		if (Array.isArray(part.enum) && !part.enum.includes(null)) part.enum = [...part.enum, null];
	}
	const composed = ['$ref', 'allOf', 'anyOf', 'oneOf', ...(part.type === undefined ? ['enum', 'const'] : [])];
	const inner: JsonObject = {};
	for (const name of composed) {
		const value = part[name];
		if (value === undefined) continue;
		inner[name] = value;
		delete part[name];
	}
	if (Object.keys(inner).length > 0) part.anyOf = [inner, { type: 'null' }];
}
