import { isObject, type JsonObject, type JsonValue } from '../runtime/wire/json-value.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';
import { SchemaView } from '../toolchain/schema-view.ts';

/** The arguments that a tool's schema lists. */
export interface ListedArguments {
	readonly names: readonly string[];
	/** Whether it lists all that there are: it neither says that others may come, nor leads to where we cannot look. */
	readonly complete: boolean;
}

/** Reads the names of arguments from a schema, wherever in it they stand. */
export function listedArguments(schema: JsonObject | undefined): ListedArguments {
	const names = new Set<string>();
	let lists = false;
	let open = false;
	const whole = SchemaView.of(schema).walk(({ schema: part }) => {
		const { properties, patternProperties, additionalProperties, unevaluatedProperties } = part;
		if (isObject(properties)) {
			lists = true;
			for (const name of Object.keys(properties)) names.add(name);
		}
		open ||= isObject(patternProperties);
		for (const rest of [additionalProperties, unevaluatedProperties])
			open ||= rest === true || isObject(rest);
	});
	return { names: [...names], complete: lists && whole && !open };
}

/** The schemas that an argument has to fit. */
export function argumentSchema(schema: JsonObject | undefined, name: string): SchemaView {
	const root = SchemaView.of(schema);
	const found: JsonValue[] = [];
	let rest: JsonValue | undefined;
	root.walk(({ schema: part }) => {
		const { properties, additionalProperties, patternProperties } = part;
		const own = isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
		if (own !== undefined) found.push(own);
		if (isObject(patternProperties)) {
			for (const [pattern, value] of Object.entries(patternProperties))
				if (value !== undefined && matches(pattern, name)) found.push(value);
		}
		rest ??= isObject(additionalProperties) ? additionalProperties : undefined;
	});
	if (found.length === 0 && rest !== undefined) return root.part(rest);
	// Branches of a union may each have one: any of them will do.
	return root.part(found.length === 1 ? found[0] : found.length === 0 ? {} : { anyOf: found });
}

/**
 * Refuses arguments that the schema does not list: most libraries drop them without a word.
 *
 * @throws OrchestraError `invalid_arguments`
 */
export function assertListed(args: JsonObject, schema: JsonObject | undefined, tool: string): void {
	const { names, complete } = listedArguments(schema);
	if (!complete) return;
	const unknown = Object.keys(args).filter((name) => !names.includes(name));
	const [first] = unknown;
	if (first === undefined) return;
	const near = nearest(first, names);
	const takes = names.length === 0 ? 'It takes none.' : `It takes ${names.join(', ')}.`;
	throw new OrchestraError('invalid_arguments', `tool ${tool} has no argument ${unknown.join(', ')}`, {
		hint: `${near ? `Did you mean ${near}?` : takes} Add --allow-unknown to pass it all the same.`,
		details: {
			faults: unknown.map((name) => ({
				pointer: `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
				message: 'is not an argument',
			})),
			faultCount: unknown.length,
			arguments: [...names],
		},
	});
}

function matches(pattern: string, name: string): boolean {
	// A peer's pattern could take for ever: only what is plainly a prefix or everything is understood.
	const plain = /^\^?([\w-]*)(\.\*)?\$?$/.exec(pattern);
	return plain !== null && name.startsWith(plain[1] ?? '');
}
