import type { JsonObject } from '../../wire/json-value.ts';
import type { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Fault } from './fault.ts';

/** Result of a check of arguments: the value for the handler, or its faults. */
export type InputResult =
	| { readonly value: unknown; readonly faults?: undefined }
	| { readonly faults: readonly Fault[]; readonly value?: undefined };

/** Checks the arguments of a tool. */
export interface InputSchema {
	/** The JSON Schema that list_tools gives. */
	readonly jsonSchema: JsonObject;
	/** Fault of the schema itself, once {@link check} or a call found it: the tool cannot be called. */
	readonly problem?: OrchestraError | undefined;
	/**
	 * Checks arguments and fills in defaults. It may change its argument and return it. The answer comes at once wherever
	 * the schema allows it: a promise costs every call.
	 */
	validate(args: JsonObject): InputResult | Promise<InputResult>;
	/** Finds out what is wrong with the schema itself, as far as its maker could not. Rejects with `invalid_schema`. */
	check(): Promise<void>;
}

/** The JSON Schema of a tool that takes any object. */
export function anyObjectSchema(): JsonObject {
	return { type: 'object' };
}

/** Schema of tools without an input schema: any object is let through as it is. */
export function anyInput(): InputSchema {
	return { jsonSchema: anyObjectSchema(), validate: (args) => ({ value: args }), check: async () => {} };
}
