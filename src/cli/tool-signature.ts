import type { ListedTool } from '../runtime/client/listings.ts';
import { shellWord } from '../runtime/platform/shell-word.ts';
import { plainLimits } from '../runtime/plugin/input/numeric-limits.ts';
import type { JsonObject, JsonValue } from '../runtime/wire/json-value.ts';
import type { SchemaView } from '../toolchain/schema-view.ts';
import { argumentSchema, listedArguments } from './listed-arguments.ts';
import { visible, visibleLine } from './visible-text.ts';

/** An argument of a tool, as a person is told of it. */
export interface ToolParameter {
	/** Name in the schema. */
	readonly key: string;
	/** The same name, fit to be shown on a terminal. */
	readonly name: string;
	readonly type: string;
	/** The least and the greatest number that it may be, ` 1–14`; empty where neither is said. */
	readonly range: string;
	readonly required: boolean;
	/** The default as JSON; undefined where there is none. */
	readonly default: string | undefined;
	/** The values that it may have, as JSON; empty where they are not listed. */
	readonly choices: readonly string[];
	/** Further constraints of its value, in a few words each. */
	readonly constraints: readonly string[];
	readonly description: string;
}

/** Branches of a type and values of an enum that are shown. */
const mostBranches = 12;

/** The arguments that a tool's schema lists, the required ones first. */
export function toolParameters(schema: JsonObject): ToolParameter[] {
	const required = requiredOf(schema);
	const all = listedArguments(schema).names.map((name) => {
		const view = argumentSchema(schema, name);
		const facts = merged(view);
		return {
			key: name,
			name: visibleLine(name),
			type: typeName(view),
			range: rangeOf(facts),
			required: required.has(name) && facts.default === undefined,
			default: facts.default === undefined ? undefined : visibleLine(JSON.stringify(facts.default)),
			choices: choicesOf(facts),
			constraints: constraintsOf(facts),
			description: visible(typeof facts.description === 'string' ? facts.description : ''),
		};
	});
	return [...all.filter((one) => one.required), ...all.filter((one) => !one.required)];
}

/** A tool and its arguments on a line: `forecast city=<string> [days=<integer 1–14>]`. */
export function toolSignature({ name, inputSchema }: Pick<ListedTool, 'name' | 'inputSchema'>): string {
	const words = toolParameters(inputSchema).map((parameter) => {
		const word = `${parameter.name}=<${parameter.type}${parameter.range}>`;
		return parameter.required ? word : `[${word}]`;
	});
	return [visibleLine(name), ...words].join(' ');
}

/** Arguments that are likely to be taken, as words of a shell: each required one with a value of its type. */
export function exampleWords(schema: JsonObject): string[] {
	const required = requiredOf(schema);
	return listedArguments(schema)
		.names.filter((name) => required.has(name) && merged(argumentSchema(schema, name)).default === undefined)
		.map((name) => {
			const facts = merged(argumentSchema(schema, name));
			const value = exampleOf(facts);
			const text = typeof value === 'string' ? value : JSON.stringify(value);
			return shellWord(visibleLine(`${name}=${text}`));
		});
}

function exampleOf(facts: JsonObject): JsonValue {
	if (Array.isArray(facts.examples) && facts.examples.length > 0) return facts.examples[0] as JsonValue;
	if (facts.const !== undefined) return facts.const;
	if (Array.isArray(facts.enum) && facts.enum.length > 0) return facts.enum[0] as JsonValue;
	const { minimum, exclusiveMinimum, minLength } = facts;
	switch ([facts.type].flat()[0]) {
		case 'integer':
		case 'number':
			if (typeof minimum === 'number') return Math.max(minimum, 1);
			return typeof exclusiveMinimum === 'number' ? Math.max(exclusiveMinimum + 1, 1) : 1;
		case 'boolean':
			return true;
		case 'array':
			return [];
		case 'object':
			return {};
		default:
			return 'text'.padEnd(typeof minLength === 'number' ? Math.min(minLength, 64) : 0, '.');
	}
}

function requiredOf({ required }: JsonObject): Set<string> {
	return new Set(Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []);
}

/** The keywords of a part and of what it refers to, without those of the branches of a union. */
function merged(view: SchemaView): JsonObject {
	let facts: JsonObject = { ...view.schema };
	let referred = view.referred();
	for (let steps = 0; steps < 16 && referred !== undefined && referred !== 'missing'; steps++) {
		facts = { ...referred.schema, ...facts };
		referred = referred.referred();
	}
	plainLimits(facts);
	return facts;
}

/** The type of a value as a person would say it: `string`, `integer`, `"a" | "b"`, `string[]`. */
export function typeName(view: SchemaView, depth = 0): string {
	if (depth > 4) return 'any';
	const schema = merged(view);
	if (Array.isArray(schema.enum))
		return branches(schema.enum.map((value) => visibleLine(JSON.stringify(value))));
	if (schema.const !== undefined) return visibleLine(JSON.stringify(schema.const));
	const union = schema.anyOf ?? schema.oneOf;
	if (Array.isArray(union))
		return branches(union.map((part) => typeName(view.part(part as JsonObject), depth + 1)));
	const types = [schema.type].flat().filter((name): name is string => typeof name === 'string');
	if (types.length === 1 && types[0] === 'array') {
		const items = typeName(view.part(schema.items), depth + 1);
		return items.includes(' ') ? `(${items})[]` : `${items}[]`;
	}
	return types.length === 0 ? 'any' : branches(types.map(visibleLine));
}

function branches(names: readonly string[]): string {
	const all = [...new Set(names)];
	const shown = all.slice(0, mostBranches);
	return [...shown, ...(all.length > shown.length ? [`${all.length - shown.length} more`] : [])].join(' | ');
}

function choicesOf({ enum: listed, type }: JsonObject): string[] {
	if (Array.isArray(listed)) return listed.map((value) => JSON.stringify(value));
	return type === 'boolean' ? ['true', 'false'] : [];
}

function rangeOf({ minimum, maximum }: JsonObject): string {
	// Libraries state the bounds of safe integers, which say nothing.
	const says = (limit: JsonValue | undefined): limit is number =>
		typeof limit === 'number' && Math.abs(limit) !== Number.MAX_SAFE_INTEGER;
	if (says(minimum)) return says(maximum) ? ` ${minimum}–${maximum}` : ` ≥ ${minimum}`;
	return says(maximum) ? ` ≤ ${maximum}` : '';
}

function constraintsOf(facts: JsonObject): string[] {
	const words: Array<[keyword: string, text: string]> = [
		['minimum', 'at least'],
		['exclusiveMinimum', 'more than'],
		['maximum', 'at most'],
		['exclusiveMaximum', 'less than'],
		['multipleOf', 'a multiple of'],
		['minLength', 'characters at least'],
		['maxLength', 'characters at most'],
		['minItems', 'items at least'],
		['maxItems', 'items at most'],
		['pattern', 'matches'],
		['format', 'format'],
	];
	const texts = words
		.filter(([keyword]) => typeof facts[keyword] === 'number' || typeof facts[keyword] === 'string')
		// Libraries state the bounds of safe integers, which say nothing.
		.filter(([keyword]) => Math.abs(Number(facts[keyword])) !== Number.MAX_SAFE_INTEGER)
		.map(([keyword, text]) => `${text} ${visibleLine(String(facts[keyword]))}`);
	if (facts.uniqueItems === true) texts.push('no item twice');
	return texts;
}
