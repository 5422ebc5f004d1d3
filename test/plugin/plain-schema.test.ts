import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainCheck } from '../../src/runtime/plugin/input/plain-schema.ts';
import { compileSchema } from '../../src/runtime/plugin/input/schema-compiler.ts';
import type { JsonObject, JsonValue } from '../../src/runtime/wire/json-value.ts';

const names = fc.constantFrom('a', 'b', 'ü', '/');
const primitive = fc.constantFrom<JsonValue>(
	null,
	true,
	false,
	-1,
	-0,
	0,
	1,
	1.5,
	2,
	'',
	'a',
	'ab',
	'😀',
	'😀b',
);
const value = fc.letrec<{ any: JsonValue }>((tie) => ({
	any: fc.oneof(
		{ maxDepth: 3 },
		primitive,
		fc.array(tie('any'), { maxLength: 3 }),
		fc.dictionary(names, tie('any'), { maxKeys: 3, noNullPrototype: true }),
	),
})).any as fc.Arbitrary<JsonValue>;
const types = fc.constantFrom('string', 'number', 'integer', 'boolean', 'null', 'array', 'object');
const number = fc.constantFrom(-1, 0, 1, 1.5, 2);
const count = fc.constantFrom(0, 1, 2, 3);

/** Schemas of at most three plain keywords, as more of them at random let nothing through. */
const schema = fc.letrec<{ any: JsonObject }>((tie) => {
	const inner = fc.oneof({ depthIdentifier: 'schema', maxDepth: 2 }, fc.constant({}), tie('any'));
	const keywords: Record<string, fc.Arbitrary<unknown>> = {
		type: fc.oneof(types, fc.uniqueArray(types, { minLength: 1, maxLength: 3 })),
		title: fc.string(),
		default: value,
		enum: fc.array(primitive, { minLength: 1, maxLength: 4 }),
		const: primitive,
		properties: fc.dictionary(names, inner, { maxKeys: 3, noNullPrototype: true }),
		required: fc.uniqueArray(names, { maxLength: 3 }),
		additionalProperties: fc.oneof(fc.boolean(), inner),
		items: inner,
		minimum: number,
		maximum: number,
		exclusiveMinimum: number,
		exclusiveMaximum: number,
		minLength: count,
		maxLength: count,
		minItems: count,
		maxItems: count,
		minProperties: count,
		maxProperties: count,
	};
	const one = fc.oneof(
		...Object.entries(keywords).map(([name, given]) => given.map((value) => ({ [name]: value }))),
	);
	return {
		any: fc
			.array(one, { maxLength: 3 })
			.map((parts): JsonObject => Object.assign({}, ...parts)) as fc.Arbitrary<JsonObject>,
	};
}).any;

describe('the check of a plain schema', () => {
	it('says of every value what the compiler says, and fills in the same defaults', async () => {
		let fitting = 0;
		await fc.assert(
			fc.asyncProperty(schema, fc.array(value, { minLength: 1, maxLength: 8 }), async (schema, values) => {
				const plain = plainCheck(schema);
				expect(plain, JSON.stringify(schema)).toBeDefined();
				const { check } = await compileSchema(schema);
				for (const given of values) {
					const [first, second] = [structuredClone(given), structuredClone(given)];
					const said = plain?.(first);
					expect(said, JSON.stringify([schema, given])).toBe(check(second));
					if (!said) continue;
					fitting++;
					expect(first).toStrictEqual(second);
				}
			}),
			{ numRuns: 300 },
		);
		expect(fitting).toBeGreaterThan(100);
	});

	it.each<[string, JsonObject]>([
		['a keyword of another kind', { properties: { a: { pattern: '^a' } } }],
		['a reference', { properties: { a: { $ref: '#' } } }],
		['a name', { $id: 'https://orchestra.test/a', type: 'object' }],
		['an unknown dialect', { $schema: 'https://orchestra.test/own', type: 'object' }],
		['a property that every object seems to have', { properties: { constructor: { default: 1 } } }],
		['a type that is none', { type: 'text' }],
		['no type', { type: [] }],
		['a type twice', { type: ['string', 'string'] }],
		['a limit that is no number', { minimum: '1' }],
		['a limit of draft-04', { minimum: 1, exclusiveMinimum: true }],
		['half a character', { minLength: 0.5 }],
		['an empty enum', { enum: [] }],
		['an enum of objects', { enum: [{}] }],
		['a name twice in required', { required: ['a', 'a'] }],
		['a schema that is a boolean', { properties: { a: true } }],
		['items of older drafts', { items: [{}] }],
		['OpenAPI', { properties: { a: { type: 'string', nullable: true } } }],
		['what nobody knows', { 'x-own': 1 }],
	])('is left to the compiler for %s', (_, schema) => {
		expect(plainCheck(schema)).toBeUndefined();
	});

	it.each([Number.NaN, Number.POSITIVE_INFINITY])('does not say that %s fits', (given) => {
		expect(plainCheck({ type: 'number' })?.(given)).toBe(false);
	});
});
