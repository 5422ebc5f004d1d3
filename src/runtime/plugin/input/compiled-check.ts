import type { ErrorObject, ValidateFunction } from 'ajv';
import type { JsonObject } from '../../wire/json-value.ts';
import { jsonPointer } from '../../wire/not-json.ts';
import { PatternTooSlow, renewPatternBudget } from './bounded-pattern.ts';
import type { Fault } from './fault.ts';
import type { InputResult } from './input-schema.ts';
import { type CompiledSchema, compileSchema } from './schema-compiler.ts';
import { isSmall } from './small-arguments.ts';

/** Checks arguments with a compiled schema. */
export type CompiledCheck = (args: JsonObject) => InputResult;

/** Compiles a schema to the check of arguments. Loaded where one is compiled, which most processes never do. Rejects as {@link compileSchema}. */
export async function compiledCheck(schema: JsonObject): Promise<CompiledCheck> {
	const compiled = await compileSchema(schema);
	return (args) => {
		renewPatternBudget();
		try {
			return check(compiled, args);
		} catch (error) {
			if (error instanceof PatternTooSlow) return { faults: [{ pointer: '', message: error.message }] };
			throw error;
		}
	};
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
