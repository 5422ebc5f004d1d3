import type { JsonObject, JsonValue } from '../runtime/wire/json-value.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { SchemaView } from '../toolchain/schema-view.ts';
import { parseExactJson } from './exact-json.ts';
import { argumentSchema } from './listed-arguments.ts';
import { readTextFrom } from './read-text.ts';
import { fitsSchema, takesList, wordValue } from './word-value.ts';

/** An argument of the command line, taken apart. */
export interface ArgumentWord {
	readonly key: string;
	/** Whether the text is JSON, as after `:=`. */
	readonly json: boolean;
	/** Origin of the text, where it is not the word itself: a file, or `-` for stdin. */
	readonly file: string | undefined;
	readonly text: string;
}

function usage(message: string, hint: string): OrchestraError {
	return new OrchestraError('usage', message, { hint });
}

/** The likely meaning of a word that is no argument. */
function wordHint(word: string): string {
	if (/^\s*[{[]/.test(word)) return 'Give JSON with --input FILE, or with --input - on standard input.';
	const [, key, value] = /^(\w[\w.-]*):(.+)$/s.exec(word) ?? [];
	const meant = key === undefined ? '' : `Did you mean ${key}=${value}? `;
	return `${meant}Write key=text, key:=json, key=@file or key:=@file.json.`;
}

/** Takes a word apart: `key=text`, `key:=json`, `key=@file`, `key:=@file`. @throws OrchestraError `usage` */
export function splitWord(word: string): ArgumentWord {
	const parts = /^((?:[^=:]|:(?!=))+)(:?=)(@?)([\s\S]*)$/.exec(word);
	if (!parts) {
		throw usage(`${JSON.stringify(word)} is not an argument`, wordHint(word));
	}
	const [, key = '', operator, at, rest = ''] = parts;
	return { key, json: operator === ':=', file: at ? rest : undefined, text: at ? '' : rest };
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
export async function readToolArguments(
	tokens: readonly string[],
	input: string | undefined,
	schema: JsonObject | undefined,
): Promise<JsonObject> {
	const words = tokens.map(splitWord);
	if ([input, ...words.map(({ file }) => file)].filter((file) => file === '-').length > 1) {
		throw usage('standard input is asked for twice', 'It can be read once: give the other as a file.');
	}
	const base = input === undefined ? undefined : await readObject(input);
	const read: ArgumentWord[] = [];
	for (const word of words) {
		// A mark at the start is part of a text, and none of JSON.
		read.push(word.file === undefined ? word : { ...word, text: await readTextFrom(word.file, !word.json) });
	}
	return argumentsOf(read, base, schema);
}

async function readObject(input: string): Promise<JsonObject> {
	const name = input === '-' ? 'standard input' : input;
	const value = parseExactJson(await readTextFrom(input, false), name);
	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw usage(`${name} is not a JSON object`, 'A tool takes an object of named arguments.');
	}
	return value;
}

/**
 * The arguments that words make, added to those of a base.
 *
 * @throws OrchestraError `usage`
 */
export function argumentsOf(
	words: readonly ArgumentWord[],
	base: JsonObject | undefined,
	schema: JsonObject | undefined,
): JsonObject {
	// No prototype: __proto__ is a key like any other.
	const args: JsonObject = Object.assign(Object.create(null), base);
	const seen = new Set<string>();
	for (const word of words) {
		const { key } = word;
		const wanted = argumentSchema(schema, key);
		const value = readValue(word, wanted);
		const isList = takesList(wanted);
		if (!seen.has(key)) {
			args[key] = isList && !fitsSchema(value, wanted) ? [value] : value;
		} else if (isList) {
			args[key] = [args[key] as JsonValue, value].flat();
		} else {
			throw usage(`${key} is given twice`, 'Only a list can be given in several words.');
		}
		seen.add(key);
	}
	return args;
}

function readValue({ key, json, file, text }: ArgumentWord, wanted: SchemaView): JsonValue {
	if (json) return parseExactJson(text, file === undefined ? `the value of ${key}` : file);
	return file === undefined ? wordValue(text, wanted, `the value of ${key}`) : text;
}
