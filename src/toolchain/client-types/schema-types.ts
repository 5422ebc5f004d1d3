import { isObject, type JsonObject, type JsonValue } from '../../runtime/wire/json-value.ts';
import { SchemaView } from '../schema-view.ts';
import type { Identifiers } from './identifiers.ts';
import { docComment, stringLiteral } from './type-text.ts';

/** Schemas within schemas that are followed. */
const maxDepth = 24;

/** Schemas that are followed in one; what is beyond is `unknown`. */
const maxParts = 4_000;

const anyObject = '{ [key: string]: unknown }';

/** Direction of a value: an argument that has a default may be left out, a result may not. */
export type Direction = 'arguments' | 'result';

/**
 * A JSON Schema as TypeScript. It is a peer's: it may be odd, endless or go in circles. What TypeScript cannot say is left wider than it
 * is, never narrower.
 */
export class SchemaTypes {
	readonly #root: SchemaView;
	readonly #name: string;
	readonly #names: Identifiers;
	readonly #direction: Direction;
	/** The names of what `$ref`s lead to. */
	readonly #named = new Map<JsonObject, string>();
	readonly #declarations: string[] = [];
	#parts = 0;

	constructor(schema: JsonObject, name: string, names: Identifiers, direction: Direction) {
		this.#root = SchemaView.of(schema);
		this.#name = name;
		this.#names = names;
		this.#direction = direction;
		this.#named.set(this.#root.schema, name);
	}

	/** Whether an empty object does, as far as can be seen. */
	get mayBeEmpty(): boolean {
		const { schema } = this.#root;
		const { allOf, anyOf, oneOf, $ref, $dynamicRef } = schema;
		if ([allOf, anyOf, oneOf, $ref, $dynamicRef].some((part) => part !== undefined)) return false;
		return requiredOf(schema).every((name) => this.#hasDefault(propertiesOf(schema), name));
	}

	/** The declaration of the type, and of those that it refers to. */
	declare(description: string): string {
		const { schema } = this.#root;
		const isEmpty = Object.keys(schema).filter((key) => !key.startsWith('$')).length === 0;
		const type = isEmpty ? anyObject : this.#bare(this.#root, 0, new Set());
		return [`${docComment(description)}export type ${this.#name} = ${type};\n`, ...this.#declarations].join(
			'\n',
		);
	}

	/** A type where an alias may stand: within an object, a list or a tuple. */
	#type(value: JsonValue | undefined, depth: number): string {
		if (value === false) return 'never';
		if (!isObject(value)) return 'unknown';
		const view = this.#root.part(value);
		const referred = view.referred();
		if (!(referred instanceof SchemaView) || Object.keys(view.schema).some((key) => shapes.has(key)))
			return this.#bare(view, depth, new Set());
		const known = this.#named.get(referred.schema);
		if (known !== undefined) return known;
		const last = String(view.schema.$ref).split('/').at(-1) ?? '';
		const name = this.#names.type(this.#name, last);
		this.#named.set(referred.schema, name);
		const { description } = referred.schema;
		const type = this.#bare(referred, 0, new Set());
		this.#declarations.push(`${docComment(textOf(description))}export type ${name} = ${type};\n`);
		return name;
	}

	/** A type where none of its aliases may stand, since they would be defined by themselves: what it refers to is written out. */
	#bare(view: SchemaView, depth: number, seen: Set<JsonObject>): string {
		if (depth > maxDepth || ++this.#parts > maxParts || seen.has(view.schema)) return 'unknown';
		const within = new Set(seen).add(view.schema);
		const part = (value: JsonValue | undefined): string => {
			if (value === false) return 'never';
			return isObject(value) ? this.#bare(view.part(value), depth + 1, within) : 'unknown';
		};
		const { schema } = view;
		const all: string[] = [];
		const referred = view.referred();
		if (referred instanceof SchemaView) all.push(this.#bare(referred, depth + 1, within));
		if (Array.isArray(schema.allOf)) all.push(...schema.allOf.map(part));
		for (const branches of [schema.anyOf, schema.oneOf])
			if (Array.isArray(branches) && branches.length > 0) all.push(union(branches.map(part)));
		all.push(this.#own(schema, depth));
		const said = [...new Set(all.filter((type) => type !== 'unknown'))];
		if (said.length === 0) return 'unknown';
		const type = said.length === 1 ? (said[0] ?? 'unknown') : said.map(grouped).join(' & ');
		return schema.nullable === true ? union([type, 'null']) : type;
	}

	/** Type that a schema states by itself. */
	#own(schema: JsonObject, depth: number): string {
		if (Array.isArray(schema.enum)) return union(schema.enum.map(literal));
		if (schema.const !== undefined) return literal(schema.const);
		const types = [schema.type].flat().filter((type) => typeof type === 'string');
		if (types.length > 0) return union(types.map((type) => this.#ofType(type, schema, depth)));
		if (objectKeys.some((key) => schema[key] !== undefined)) return this.#object(schema, depth);
		if (schema.items !== undefined || schema.prefixItems !== undefined) return this.#list(schema, depth);
		return 'unknown';
	}

	#ofType(type: string, schema: JsonObject, depth: number): string {
		switch (type) {
			case 'string':
			case 'boolean':
			case 'null':
			case 'number':
				return type;
			case 'integer':
				return 'number';
			case 'object':
				return this.#object(schema, depth);
			case 'array':
				return this.#list(schema, depth);
			default:
				return 'unknown';
		}
	}

	#list({ items, prefixItems, additionalItems, minItems }: JsonObject, depth: number): string {
		const first = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : undefined;
		const rest = Array.isArray(items) ? additionalItems : items;
		const inner = (value: JsonValue | undefined) => grouped(this.#type(value, depth + 1));
		if (!first) return `${inner(items)}[]`;
		const least = typeof minItems === 'number' ? minItems : 0;
		const head = first.map((value, i) => `${inner(value)}${i < least ? '' : '?'}`);
		return `[${[...head, ...(rest === false ? [] : [`...${inner(rest)}[]`])].join(', ')}]`;
	}

	#object(schema: JsonObject, depth: number): string {
		const { additionalProperties, patternProperties } = schema;
		const properties = propertiesOf(schema);
		const required = new Set(requiredOf(schema));
		const names = [...new Set([...Object.keys(properties), ...required])];
		const rest = isObject(patternProperties) ? Object.values(patternProperties) : [];
		if (additionalProperties === true || isObject(additionalProperties)) rest.push(additionalProperties);
		if (names.length === 0 && rest.length === 0)
			return additionalProperties === false ? '{ [key: string]: never }' : anyObject;
		const types = new Map<string, string>();
		const lines = names.map((name) => {
			const value = Object.hasOwn(properties, name) ? properties[name] : true;
			const optional = !required.has(name) || this.#hasDefault(properties, name);
			const type = this.#type(value, depth + 1);
			types.set(optional ? `${name}?` : name, type);
			const said = isObject(value) ? docComment(textOf(value.description)) : '';
			return indented(`${said}${stringLiteral(name)}${optional ? '?' : ''}: ${type};`);
		});
		if (rest.length > 0) {
			// TypeScript wants what is listed to fit as well.
			const any = [...rest.map((value) => this.#type(value, depth + 1)), ...types.values()];
			const mayLack = [...types.keys()].some((name) => name.endsWith('?'));
			lines.push(indented(`[key: string]: ${union([...any, ...(mayLack ? ['undefined'] : [])])};`));
		}
		return `{\n${lines.join('\n')}\n}`;
	}

	#hasDefault(properties: JsonObject, name: string): boolean {
		if (this.#direction === 'result' || !Object.hasOwn(properties, name)) return false;
		const value = properties[name];
		return isObject(value) && value.default !== undefined;
	}
}

/** Keywords that say something of a value beside a `$ref`. */
const shapes = new Set([
	'type',
	'properties',
	'allOf',
	'anyOf',
	'oneOf',
	'enum',
	'const',
	'nullable',
	'items',
]);

const objectKeys = ['properties', 'required', 'additionalProperties', 'patternProperties'];

function union(types: readonly string[]): string {
	const all = [...new Set(types)].filter((type) => type !== 'never');
	if (all.length === 0) return 'never';
	if (all.includes('unknown')) return 'unknown';
	return all.length === 1 ? (all[0] ?? 'never') : all.map(grouped).join(' | ');
}

/** In brackets where something else beside it could take it apart. */
function grouped(type: string): string {
	return /^([\w$]+|"(?:[^"\\]|\\.)*"|-?[\d.e+-]+)$/.test(type) ? type : `(${type})`;
}

function literal(value: JsonValue | undefined, depth = 0): string {
	if (depth > maxDepth || value === undefined) return 'unknown';
	if (typeof value === 'string') return stringLiteral(value);
	if (Array.isArray(value)) return `[${value.map((item) => literal(item, depth + 1)).join(', ')}]`;
	if (!isObject(value)) return JSON.stringify(value);
	const entries = Object.entries(value);
	return `{ ${entries.map(([key, inner]) => `${stringLiteral(key)}: ${literal(inner, depth + 1)}`).join('; ')} }`;
}

function propertiesOf({ properties }: JsonObject): JsonObject {
	return isObject(properties) ? properties : {};
}

function requiredOf({ required }: JsonObject): string[] {
	return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

function textOf(value: JsonValue | undefined): string {
	return typeof value === 'string' ? value : '';
}

function indented(text: string): string {
	return text.replace(/^/gm, '\t');
}
