import { readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from '../runtime/wire/json-value.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** Bytes of a file or of stdin that can become an argument: no message can be larger. Source: wire/limits.ts. */
const maxInputBytes = 16 * 1024 * 1024;

function usage(message: string, hint: string): OrchestraError {
	return new OrchestraError('usage', message, { hint });
}

function readInput(source: string | 0, name: string): string {
	let text: string;
	try {
		text = readFileSync(source, 'utf8');
	} catch (error) {
		throw new OrchestraError('usage', `cannot read ${name}: ${(error as Error).message}`, {
			hint: 'Name a file that exists and can be read.',
			cause: error,
		});
	}
	if (Buffer.byteLength(text) > maxInputBytes) {
		throw usage(`${name} is larger than 16 MiB`, 'No message can be larger than that.');
	}
	return text;
}

function parseJson(text: string, name: string): JsonValue {
	try {
		return JSON.parse(text) as JsonValue;
	} catch (error) {
		throw usage(`${name} is not JSON: ${(error as Error).message}`, 'In a shell, put JSON in single quotes.');
	}
}

/** The JSON types that a schema allows for a value; empty where it does not say. */
function typesOf(schema: JsonValue | undefined): Set<string> {
	const types = new Set<string>();
	if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return types;
	const { type, anyOf, oneOf } = schema;
	for (const name of Array.isArray(type) ? type : [type]) if (typeof name === 'string') types.add(name);
	for (const branch of [anyOf, oneOf].flat()) for (const name of typesOf(branch)) types.add(name);
	if (Array.isArray(schema.enum)) for (const value of schema.enum) types.add(typeof value);
	return types;
}

/** A text as the type that the schema asks for; left a string where it does not fit, so that the plugin's own check says why. */
function typed(text: string, types: Set<string>): JsonValue {
	if (types.size === 0 || types.has('string')) return text;
	if (!/^(true|false|null|-?\d|\[|\{)/.test(text.trim())) return text;
	try {
		return JSON.parse(text) as JsonValue;
	} catch {
		return text;
	}
}

/**
 * Reads a tool's arguments from the command line: `city=Oslo` (a string, or what the tool's schema asks for), `days:=3`
 * (JSON), `note=@file.txt`, `data:=@file.json`; a key given more than once makes a list where the schema asks for one.
 *
 * @param tokens the words after the tool's name
 * @param input a JSON file with an object that the tokens add to, or `-` for stdin
 * @param schema the tool's input schema
 * @throws OrchestraError `usage`
 */
export function readToolArguments(
	tokens: readonly string[],
	input: string | undefined,
	schema: JsonObject | undefined,
): JsonObject {
	// No prototype: __proto__ is a key like any other.
	const args: JsonObject = Object.create(null);
	if (input !== undefined) {
		const name = input === '-' ? 'standard input' : input;
		const value = parseJson(readInput(input === '-' ? 0 : input, name), name);
		if (typeof value !== 'object' || value === null || Array.isArray(value)) {
			throw usage(`${name} is not a JSON object`, 'A tool takes an object of named arguments.');
		}
		Object.assign(args, value);
	}
	const properties = schema?.properties as JsonObject | undefined;
	const seen = new Set<string>();
	for (const token of tokens) {
		const [key, value] = readToken(token, properties);
		const isList = typesOf(property(properties, key)).has('array');
		if (!seen.has(key)) {
			args[key] = isList && !Array.isArray(value) ? [value] : value;
		} else if (isList) {
			args[key] = [...(args[key] as JsonValue[]), ...(Array.isArray(value) ? value : [value])];
		} else {
			throw usage(`${key} is given twice`, 'Only a list can be given in several words.');
		}
		seen.add(key);
	}
	return args;
}

function property(properties: JsonObject | undefined, key: string): JsonValue | undefined {
	return properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

function readToken(token: string, properties: JsonObject | undefined): [key: string, value: JsonValue] {
	const parts = /^([^=:@]+)(:?=)(@?)([\s\S]*)$/.exec(token);
	if (!parts) {
		throw usage(
			`${JSON.stringify(token)} is not an argument`,
			'Write key=text, key:=json, key=@file or key:=@file.json.',
		);
	}
	const [, key = '', operator, at, rest = ''] = parts;
	const text = at ? readInput(rest, rest) : rest;
	if (operator === ':=') return [key, parseJson(text, at ? rest : `the value of ${key}`)];
	const types = typesOf(property(properties, key));
	return [key, at ? text : typed(text, types)];
}
