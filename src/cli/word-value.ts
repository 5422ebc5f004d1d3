import type { JsonObject, JsonValue } from '../runtime/wire/json-value.ts';
import { SchemaView } from '../toolchain/schema-view.ts';
import { assertExact } from './exact-json.ts';

/** Constraints of a schema on the values that a word may mean. */
interface Expectation {
	/** JSON types; undefined where any will do. */
	readonly types: ReadonlySet<string> | undefined;
	/** The values of `const` and `enum`. */
	readonly values: readonly JsonValue[];
}

/** Whether a value may be a list: then a word given more than once makes one. */
export function takesList(schema: SchemaView): boolean {
	return expectationOf(schema).types?.has('array') ?? false;
}

/** The values that a schema lists: of `enum` and `const`, and both of a boolean. */
export function listedValues(schema: SchemaView): readonly JsonValue[] {
	const { types, values } = expectationOf(schema);
	if (values.length > 0) return values;
	if (types?.has('array')) return expectationOf(itemsOf(schema)).values;
	return types?.size === 1 && types.has('boolean') ? [true, false] : [];
}

/** Whether a value is of a type that the schema takes. */
export function fitsSchema(value: JsonValue, schema: SchemaView): boolean {
	const { types } = expectationOf(schema);
	return types === undefined || fits(value, types);
}

/**
 * A word as the value that the schema asks for. Left a text where it does not fit, so that the plugin's own check says why.
 *
 * @param name what it is, for messages
 * @throws OrchestraError `usage` for a number that would change
 */
export function wordValue(text: string, schema: SchemaView, name: string): JsonValue {
	const { types, values } = expectationOf(schema);
	if (values.includes(text)) return text;
	const listed = values.find((value) => typeof value !== 'string' && JSON.stringify(value) === text);
	if (listed !== undefined) return listed;
	if (types === undefined || types.has('string')) return text;
	const parsed = parse(text);
	if (types.has('array') && !Array.isArray(parsed) && !fits(parsed, types)) {
		return wordValue(text, itemsOf(schema), name);
	}
	if (parsed === undefined) return text;
	assertExact(text, name);
	return parsed;
}

/** The schema of a list's items. */
function itemsOf(schema: SchemaView): SchemaView {
	let found: SchemaView | undefined;
	schema.walk((part) => {
		const { items, prefixItems } = part.schema;
		const first = Array.isArray(prefixItems) ? prefixItems[0] : Array.isArray(items) ? items[0] : undefined;
		found ??= first !== undefined ? part.part(first) : items !== undefined ? part.part(items) : undefined;
	});
	return found ?? SchemaView.of({});
}

function fits(value: JsonValue | undefined, types: ReadonlySet<string>): boolean {
	if (value === undefined) return false;
	if (value === null) return types.has('null');
	if (typeof value === 'number') return types.has('number') || types.has('integer');
	return types.has(Array.isArray(value) ? 'array' : typeof value);
}

function parse(text: string): JsonValue | undefined {
	if (!/^(true$|false$|null$|-?\d|\[|\{)/.test(text.trim())) return undefined;
	try {
		return JSON.parse(text) as JsonValue;
	} catch {
		return undefined;
	}
}

function expectationOf(schema: SchemaView, depth = 0): Expectation {
	if (depth > 16) return { types: undefined, values: [] };
	const { type, anyOf, oneOf, allOf, enum: listed, nullable } = schema.schema;
	let types: ReadonlySet<string> | undefined;
	const values: JsonValue[] = [];
	const narrow = (other: ReadonlySet<string> | undefined) => {
		if (other === undefined) return;
		types = types === undefined ? other : common(types, other);
	};
	if (type !== undefined) narrow(new Set([type].flat().filter((name) => typeof name === 'string')));
	const own: JsonValue[] = Array.isArray(listed) ? [...listed] : [];
	if ('const' in schema.schema) own.push(schema.schema.const as JsonValue);
	if (own.length > 0) narrow(new Set(own.map(typeOf)));
	values.push(...own);
	for (const branches of [anyOf, oneOf]) {
		if (!Array.isArray(branches)) continue;
		const all = branches.map((branch) => expectationOf(schema.part(branch as JsonObject), depth + 1));
		values.push(...all.flatMap((one) => one.values));
		narrow(
			all.some((one) => one.types === undefined)
				? undefined
				: new Set(all.flatMap((one) => [...(one.types ?? [])])),
		);
	}
	const referred = schema.referred();
	const together = [
		...(Array.isArray(allOf) ? allOf.map((branch) => schema.part(branch as JsonObject)) : []),
		...(referred instanceof SchemaView ? [referred] : []),
	];
	for (const part of together) {
		const one = expectationOf(part, depth + 1);
		values.push(...one.values);
		narrow(one.types);
	}
	if (types !== undefined && nullable === true) types = new Set([...types, 'null']);
	return { types, values };
}

/** The types in both; an integer is a number. */
function common(a: ReadonlySet<string>, b: ReadonlySet<string>): Set<string> {
	const both = new Set([...a].filter((name) => b.has(name)));
	if ((a.has('integer') && b.has('number')) || (a.has('number') && b.has('integer'))) both.add('integer');
	return both;
}

function typeOf(value: JsonValue): string {
	if (value === null) return 'null';
	return Array.isArray(value) ? 'array' : typeof value;
}
