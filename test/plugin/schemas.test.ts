import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { assertListed } from '../../src/cli/listed-arguments.ts';
import { argumentsOf, splitWord } from '../../src/cli/tool-arguments.ts';
import { createPlugin } from '../../src/runtime/index.ts';
import { compiledCheck } from '../../src/runtime/plugin/input/compiled-check.ts';
import { jsonSchemaInput } from '../../src/runtime/plugin/input/json-schema-input.ts';
import { schemaRegExp } from '../../src/runtime/plugin/input/schema-pattern.ts';
import { isSmall } from '../../src/runtime/plugin/input/small-arguments.ts';
import type { JsonObject, JsonValue } from '../../src/runtime/wire/json-value.ts';
import { serviceToolShapes } from './fixtures/service-tool-shapes.ts';
import { toolShapes } from './fixtures/tool-shapes.ts';

/** The pointers of the faults of arguments; empty where there are none. */
async function faults(schema: JsonObject, args: JsonObject): Promise<string[]> {
	const result = await jsonSchemaInput('tool t', schema).validate(args);
	return (result.faults ?? []).map(({ pointer }) => pointer);
}

/** As `faults`, of a property `v`. */
const faultsOfValue = (schema: JsonObject, v: JsonValue, root: JsonObject = {}) =>
	faults({ ...root, type: 'object', properties: { v: schema } }, { v });

describe('dialects', () => {
	test.each([
		'https://json-schema.org/draft/2020-12/schema',
		'http://json-schema.org/draft/2019-09/schema#',
		'https://json-schema.org/draft/2019-09/schema',
		'https://json-schema.org/draft-07/schema#',
		'http://json-schema.org/draft-07/schema',
		'http://json-schema.org/draft-06/schema#',
	])('%s', async ($schema) => {
		expect(await faultsOfValue({ type: 'integer' }, 1, { $schema })).toEqual([]);
		expect(await faultsOfValue({ type: 'integer' }, 'x', { $schema })).toEqual(['/v']);
	});

	test('one that is not known is named, with those that are', async () => {
		const input = jsonSchemaInput('tool t', { $schema: 'http://json-schema.org/draft-03/schema#' });
		await expect(input.check()).rejects.toMatchObject({
			code: 'invalid_schema',
			message: expect.stringMatching(/draft-03.*2020-12, 2019-09, draft-07, draft-06 and draft-04/),
		});
		expect(input.problem?.code).toBe('invalid_schema');
	});

	test('a list of items without a dialect means what it meant', async () => {
		const pair = { type: 'array', items: [{ type: 'string' }, { type: 'integer' }] };
		expect(await faultsOfValue(pair, ['a', 1])).toEqual([]);
		expect(await faultsOfValue(pair, ['a', 'b'])).toEqual(['/v/1']);
	});
});

describe('schemas as people have them', () => {
	test.each<[string, JsonObject, JsonValue, JsonValue]>([
		[
			'a pattern that is wrong with the flag u',
			{ type: 'string', pattern: '^\\d{4}\\-\\d{2}$' },
			'2024-01',
			'2024',
		],
		['nullable with a type', { type: 'string', nullable: true }, null, 1],
		['nullable with a type and values', { type: 'string', enum: ['a'], nullable: true }, null, 'b'],
		['nullable without a type', { nullable: true, anyOf: [{ type: 'string' }] }, null, 1],
		['nullable: false', { type: 'string', nullable: false }, 'a', null],
		['id as an annotation', { id: 'urn:x', type: 'integer' }, 1, 'a'],
		['unknown keywords', { type: 'integer', 'x-ui': { order: 1 }, example: 3 }, 1, 'a'],
		['a multiple of a hundredth', { type: 'number', multipleOf: 0.01 }, 19.99, 19.999],
		['a multiple of a tenth', { type: 'number', multipleOf: 0.1 }, 0.3, 0.35],
		['a multiple of an integer', { type: 'number', multipleOf: 5 }, 1e21, 7],
		[
			'unique items that bring methods',
			{ type: 'array', uniqueItems: true },
			[{ toString: '' }, { valueOf: 1 }],
			[
				{ a: 1, b: 2 },
				{ b: 2, a: 1 },
			],
		],
		['values that bring methods', { enum: [{ toString: '' }] }, { toString: '' }, { toString: 'x' }],
		['a constant object', { const: { a: [1] } }, { a: [1] }, { a: [2] }],
	])('%s', async (_name, schema, right, wrong) => {
		expect(await faultsOfValue(schema, right)).toEqual([]);
		expect(new Set(await faultsOfValue(schema, wrong))).toEqual(new Set(['/v']));
	});

	test('references to the schema itself, by "#" and by its own name', async () => {
		for (const [$id, $ref] of [
			[undefined, '#'],
			['Node', 'Node'],
			['https://example.com/node.json', 'https://example.com/node.json#'],
			['https://example.com/node.json#', '#/$defs/part'],
		]) {
			const schema = {
				...($id && { $id }),
				type: 'object',
				properties: { n: { type: 'integer' }, next: { $ref: $ref as string } },
				$defs: { part: { type: 'object', properties: { n: { type: 'integer' } } } },
			};
			expect(await faults(schema, { n: 1, next: { n: 2 } }), $ref).toEqual([]);
			expect(await faults(schema, { n: 1, next: { n: 'x' } }), $ref).toEqual(['/next/n']);
		}
	});

	test('names that every object has', async () => {
		const text = { type: 'string' };
		for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
			const schema = { type: 'object', properties: { [name]: text } };
			expect(await faults(schema, {})).toEqual([]);
			expect(await faults(schema, { [name]: 1 })).toEqual([`/${name}`]);
			expect(await faults({ ...schema, required: [name] }, {})).toEqual([`/${name}`]);
		}
	});

	test.each<[string, JsonObject, RegExp]>([
		['a type that there is not', { properties: { n: { type: 'nummer' } } }, /\/properties\/n\/type must be/],
		[
			'a pattern that is none',
			{ properties: { n: { pattern: '(' } } },
			/\/properties\/n\/pattern is no regular expression/,
		],
		[
			'a reference to elsewhere',
			{ $ref: 'https://example.com/x.json' },
			/\/\$ref leads to https:\/\/example\.com/,
		],
		[
			'a reference to nothing',
			{ properties: { n: { items: { $ref: '#/$defs/x' } } } },
			/\/properties\/n\/items\/\$ref leads to #\/\$defs\/x, which is not in the schema/,
		],
	])('%s is named with its place', async (_name, schema, message) => {
		await expect(jsonSchemaInput('tool t', schema).check()).rejects.toMatchObject({
			code: 'invalid_schema',
			message: expect.stringMatching(message),
		});
	});

	test('a bare list of names and types is refused, since it would let everything through', () => {
		expect(() => jsonSchemaInput('tool t', { city: 'string' })).toThrow(/properties: \{ city/);
		expect(() => jsonSchemaInput('tool t', { city: { type: 'string' } })).toThrow(/no keyword/);
	});
});

describe('hostile input', () => {
	test('the faults of a large list are not all collected', async () => {
		const check = await compiledCheck({
			type: 'object',
			properties: { v: { items: { type: 'string' } } },
		});
		const few = check({ v: [1, 2, 3] });
		expect(few.faults).toHaveLength(3);
		const many = check({ v: new Array(1_000_000).fill(1) });
		expect(many.faults).toHaveLength(1);
	});

	test('how many values there are is not asked of each item of a list of millions', () => {
		const list = new Array(5_000_000).fill(1);
		const began = performance.now();
		for (let time = 0; time < 100; time++) expect(isSmall({ list })).toBe(false);
		// With the names of the items a second each time.
		expect(performance.now() - began).toBeLessThan(10_000);
		expect(isSmall({ list: new Array(9_998).fill(1) })).toBe(true);
		expect(isSmall({ list: new Array(9_999).fill(1) })).toBe(false);
		expect(isSmall({ list: [[1, 2], { a: [3] }] }, 8)).toBe(true);
		expect(isSmall({ list: [[1, 2], { a: [3] }] }, 7)).toBe(false);
	});

	test('nor those of a schema of a library', async () => {
		const { tools } = createPlugin('p')
			.registerTool(
				't',
				{ description: 'T.', input: z.object({ v: z.array(z.object({ a: z.string() })) }) },
				() => 1,
			)
			.build();
		const input = tools.get('t')?.input;
		const wrong = await input?.validate({ v: Array.from({ length: 100_000 }, () => ({ a: 1 })) });
		expect(wrong?.faults).toEqual([{ pointer: '/v/0/a', message: 'must be string' }]);
		const right = await input?.validate({ v: Array.from({ length: 100_000 }, () => ({ a: 'x' })) });
		expect(right?.faults).toBeUndefined();
		expect((await input?.validate({ v: [{ a: 1 }, { a: 2 }] }))?.faults).toHaveLength(2);
	});

	// On Deno the flag has to stand on its command line.
	test('a pattern that backtracks without end is left to the linear engine', () => {
		const text = `${'aaaaaaaaaa'.repeat(4)}!`;
		for (const [pattern, fits] of [
			['^([A-Za-z]+\\s?)+$', false],
			['^(.*a){12}$', false],
			['^([^,]+,?)+;$', false],
			['^(\\S+\\s?)+\\?$', false],
		] as const) {
			const started = performance.now();
			expect(schemaRegExp(pattern).test(text)).toBe(fits);
			expect(performance.now() - started).toBeLessThan(10_000);
		}
	});

	// With look-around, references, counts or Unicode classes: the linear engine does not take them.
	test.each([
		'^(?!x)([A-Za-z]+\\s?)+$',
		'^(\\p{L}+\\s?)+$',
		'^((a|b)+)\\1?(\\s*a*)*$',
		'^(a{1,40}){1,40}$',
		'^(?=.*a.*a.*a.*a.*a.*a.*a.*b)',
	])('%s is given up in time, and the arguments are refused', async (pattern) => {
		const text = `${'a'.repeat(200)}!`;
		const started = performance.now();
		for (const schema of [{ pattern }, { anyOf: [{ pattern }, { type: 'string' }] }]) {
			const result = await jsonSchemaInput('tool t', {
				type: 'object',
				properties: { v: { items: schema } },
			}).validate({ v: new Array(1000).fill(text) });
			expect(result.faults).toEqual([
				{ pointer: '', message: expect.stringMatching(/takes more than 100 ms .* a text of 201 characters/) },
			]);
		}
		expect(performance.now() - started).toBeLessThan(10_000);
		expect(await faultsOfValue({ pattern }, 'a')).toEqual(
			pattern.includes('b') && pattern.includes('=') ? ['/v'] : [],
		);
	});

	test('two patterns of one schema are not taken for each other', async () => {
		const schema = {
			type: 'object',
			properties: { a: { pattern: '^\\d{2}$' }, b: { pattern: '^[a-z]{2}$' } },
		};
		expect(await faults(schema, { a: '12', b: 'xy' })).toEqual([]);
		expect(await faults(schema, { a: 'xy', b: '12' })).toEqual(['/a', '/b']);
	});

	test.each([
		['.', '😀', true],
		['^.$', '😀', true],
		['^.{2}$', '😀', false],
		['^[^a]$', '😀', true],
		['^[^a]{2}$', '😀', false],
		['^\\S\\W\\D$', '😀😀😀', true],
		['^[\\s\\S]{2}$', '😀\n', true],
		['^\\p{L}+$', 'Ünï', true],
		['^[😀]$', '😀', true],
		['^a.c$', 'a\nc', false],
		['^[^\\]]+$', 'a]', false],
		['^\\.$', 'x', false],
	])('%s of %j is %s, as with the flag u', (pattern, text, fits) => {
		expect(schemaRegExp(pattern).test(text)).toBe(fits);
		expect(new RegExp(pattern, 'u').test(text)).toBe(fits);
	});
});

describe('the shapes of public tools', () => {
	test.each([...toolShapes, ...serviceToolShapes])('%s', async (_name, schema, right, wrong) => {
		const input = jsonSchemaInput('tool t', schema);
		await input.check();
		expect((await input.validate(structuredClone(right))).faults).toBeUndefined();
		if (wrong)
			expect(((await input.validate(structuredClone(wrong))).faults ?? []).length).toBeGreaterThan(0);
		// And they can be called from a command line: every argument as a word of JSON, or of text where it is one.
		const words = Object.entries(right).map(([name, value]) =>
			typeof value === 'string' ? `${name}=${value}` : `${name}:=${JSON.stringify(value)}`,
		);
		const args = argumentsOf(words.map(splitWord), undefined, input.jsonSchema);
		expect({ ...args }).toEqual(right);
		assertListed(args, input.jsonSchema, 't');
	});
});
