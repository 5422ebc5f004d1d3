import { describe, expect, test } from 'vitest';
import { assertListed } from '../../src/cli/listed-arguments.ts';
import { argumentsOf, splitWord } from '../../src/cli/tool-arguments.ts';
import type { JsonObject, JsonValue } from '../../src/runtime/wire/json-value.ts';

const read = (schema: JsonObject, ...words: string[]) => ({
	...argumentsOf(words.map(splitWord), undefined, schema),
});

describe('a word follows the schema', () => {
	const defs = { $defs: { n: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } } };
	test.each<[string, JsonObject, string[], JsonValue]>([
		['a text', { type: 'string' }, ['v=1'], '1'],
		['an integer', { type: 'integer' }, ['v=1'], 1],
		['$ref', { $ref: '#/$defs/n' }, ['v=1'], 1],
		['allOf', { allOf: [{ $ref: '#/$defs/n' }, { minimum: 0 }] }, ['v=1'], 1],
		['allOf of number and integer', { allOf: [{ type: 'number' }, { type: 'integer' }] }, ['v=1'], 1],
		['anyOf', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, ['v=null'], null],
		['oneOf with a text', { oneOf: [{ type: 'integer' }, { type: 'string' }] }, ['v=1'], '1'],
		['const', { const: 3 }, ['v=3'], 3],
		['enum of numbers', { enum: [1, 2] }, ['v=2'], 2],
		['enum of both', { enum: ['1', 2] }, ['v=2'], 2],
		['enum of texts that look like numbers', { enum: ['1', '2'] }, ['v=2'], '2'],
		['enum with null', { enum: ['a', null] }, ['v=null'], null],
		['nullable', { type: 'integer', nullable: true }, ['v=null'], null],
		['a list of texts, one', { type: 'array', items: { type: 'string' } }, ['v=1'], ['1']],
		[
			'a list of texts, several',
			{ type: 'array', items: { type: 'string' } },
			['v=1', 'v=true', 'v=null'],
			['1', 'true', 'null'],
		],
		['a list of texts, whole', { type: 'array', items: { type: 'string' } }, ['v=["1"]'], ['1']],
		['a list of integers', { type: 'array', items: { type: 'integer' } }, ['v=1', 'v=2'], [1, 2]],
		['a list that is referred to', { $ref: '#/$defs/tags' }, ['v=a', 'v=1'], ['a', '1']],
		['a list or null', { anyOf: [{ $ref: '#/$defs/tags' }, { type: 'null' }] }, ['v=a'], ['a']],
		['a list or null, null', { anyOf: [{ $ref: '#/$defs/tags' }, { type: 'null' }] }, ['v=null'], null],
		['an object', { type: 'object' }, ['v={"a":1}'], { a: 1 }],
		['a boolean', { type: 'boolean' }, ['v=true'], true],
		['a boolean that is none', { type: 'boolean' }, ['v=yes'], 'yes'],
		['nothing', {}, ['v=1'], '1'],
		['JSON, whatever the schema', { type: 'string' }, ['v:=1'], 1],
		['a reference in a circle', { $ref: '#/properties/v' }, ['v=1'], '1'],
		['a reference to nothing', { $ref: '#/$defs/absent' }, ['v=1'], '1'],
	])('%s', (_name, schema, words, value) => {
		expect(read({ ...defs, type: 'object', properties: { v: schema } }, ...words)).toEqual({ v: value });
	});

	test.each<[string, JsonObject]>([
		['allOf', { allOf: [{ properties: { v: { type: 'integer' } } }] }],
		['a root union', { oneOf: [{ properties: { v: { type: 'integer' } } }, { properties: { w: {} } }] }],
		[
			'a root reference',
			{ $ref: '#/$defs/args', $defs: { args: { properties: { v: { type: 'integer' } } } } },
		],
		['additionalProperties', { additionalProperties: { type: 'integer' } }],
	])('at the root: %s', (_name, schema) => {
		expect(read(schema, 'v=1')).toEqual({ v: 1 });
	});

	test.each([
		['id=9007199254740993', { type: 'integer' }],
		['id:=9007199254740993', {}],
		['id:={"a":[-9007199254740993]}', {}],
		['id:=1e400', {}],
	])('%s would change silently, and is refused', (word, schema) => {
		expect(() => read({ properties: { id: schema } }, word)).toThrow(/which would become/);
	});

	test('a text of digits is a text', () => {
		expect(read({ properties: { id: { type: 'string' } } }, 'id=9007199254740993')).toEqual({
			id: '9007199254740993',
		});
		expect(read({}, 'id:="9007199254740993 \\" 1e999"')).toEqual({ id: '9007199254740993 " 1e999' });
	});
});

describe('an argument that the schema does not list', () => {
	const refused = (schema: JsonObject) => () => assertListed({ prioritee: 'high' }, schema, 'add');
	const listed = { type: 'object', properties: { priority: { type: 'string' } } };

	test('is refused, with the one that was meant', () => {
		expect(refused(listed)).toThrow(
			expect.objectContaining({
				code: 'invalid_arguments',
				hint: expect.stringMatching(/Did you mean priority\?.*--allow-unknown/),
			}),
		);
		expect(refused({ ...listed, additionalProperties: false })).toThrow();
		expect(refused({ allOf: [listed] })).toThrow();
		expect(refused({ type: 'object', properties: {} })).toThrow(/has no argument prioritee/);
	});

	test.each<[string, JsonObject]>([
		['additionalProperties: true', { ...listed, additionalProperties: true }],
		['a schema for the others', { ...listed, additionalProperties: { type: 'string' } }],
		['patternProperties', { ...listed, patternProperties: { '^p': {} } }],
		['a reference that leads elsewhere', { ...listed, allOf: [{ $ref: 'https://example.com/x' }] }],
		['no list at all', { type: 'object' }],
	])('passes with %s', (_name, schema) => {
		expect(refused(schema)).not.toThrow();
	});
});
