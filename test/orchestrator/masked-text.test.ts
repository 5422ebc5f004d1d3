import { describe, expect, test } from 'vitest';
import { maskedText } from '../../src/runtime/orchestrator/administration/masked-text.ts';
import { SecretFields } from '../../src/runtime/orchestrator/administration/secret-fields.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

expectNothingLeftBehind();

const secret = { type: 'string', format: 'password' };

function masked(schema: JsonObject, value: JsonObject): unknown {
	expect(SecretFields.mayBeIn(schema)).toBe(true);
	return JSON.parse(maskedText(value, 65_536, new SecretFields(schema)).text);
}

describe('secrets of arguments', () => {
	test.each<[string, JsonObject, JsonObject, JsonObject]>([
		[
			'writeOnly',
			{ properties: { a: { writeOnly: true }, b: {} } },
			{ a: { x: 1 }, b: 'b' },
			{ a: '***', b: 'b' },
		],
		[
			'nested',
			{ properties: { a: { properties: { b: secret } } } },
			{ a: { b: 'x', c: 1 } },
			{ a: { b: '***', c: 1 } },
		],
		[
			'in lists',
			{ properties: { a: { items: { properties: { b: secret } } } } },
			{ a: [{ b: 'x' }, {}] },
			{ a: [{ b: '***' }, {}] },
		],
		[
			'in tuples',
			{ properties: { a: { prefixItems: [{}, secret] } } },
			{ a: ['x', 'y', 'z'] },
			{ a: ['x', '***', 'z'] },
		],
		[
			'in tuples of old',
			{ properties: { a: { items: [{}, secret], additionalItems: secret } } },
			{ a: [1, 2, 3] },
			{ a: ['***', '***', '***'] },
		],
		['$ref', { $defs: { s: secret }, properties: { a: { $ref: '#/$defs/s' } } }, { a: 'x' }, { a: '***' }],
		[
			'$ref by a name',
			{ $defs: { s: { $anchor: 'pin', ...secret } }, properties: { a: { $ref: '#pin' } } },
			{ a: 'x' },
			{ a: '***' },
		],
		[
			'$ref by an id',
			{ $defs: { s: { $id: 'https://e.org/pin', ...secret } }, properties: { a: { $ref: 'pin' } } },
			{ a: 'x' },
			{ a: '***' },
		],
		[
			'$ref with escapes',
			{ $defs: { 'a/b c': secret }, properties: { a: { $ref: '#/$defs/a~1b%20c' } } },
			{ a: 'x' },
			{ a: '***' },
		],
		[
			'$ref in a circle',
			{ properties: { pin: secret, next: { $ref: '#' } } },
			{ next: { next: { pin: 'x', n: 1 } } },
			{ next: { next: { pin: '***', n: 1 } } },
		],
		[
			'a $ref that leads nowhere',
			{ properties: { a: { $ref: 'https://e.org/far' }, b: {} } },
			{ a: 'x', b: 1 },
			{ a: '***', b: 1 },
		],
		[
			'allOf',
			{ allOf: [{ properties: { a: { allOf: [{ type: 'string' }, secret] } } }] },
			{ a: 'x', b: 1 },
			{ a: '***', b: 1 },
		],
		[
			'anyOf',
			{ anyOf: [{ properties: { a: secret } }, { properties: { a: {} } }] },
			{ a: 'x' },
			{ a: '***' },
		],
		// biome-ignore lint/suspicious/noThenProperty: it is a keyword of schemas
		['if and then', { if: {}, then: { properties: { a: secret } } }, { a: 'x' }, { a: '***' }],
		[
			'a map of secrets',
			{ properties: { env: { additionalProperties: secret } } },
			{ env: { A: '1', B: '2' } },
			{ env: { A: '***', B: '***' } },
		],
		['patterns of names', { patternProperties: { '^(a+)+$': secret } }, { a: 'x' }, { a: '***' }],
		['all of it', secret, { a: 'x' }, '***' as unknown as JsonObject],
		[
			'names of every object',
			{ properties: { a: secret } },
			{ constructor: 'x', toString: 1 },
			{ constructor: 'x', toString: 1 },
		],
	])('%s', (_, schema, value, shown) => {
		expect(masked(schema, value)).toEqual(shown);
	});

	test('a schema without secrets needs no look', () => {
		expect(SecretFields.mayBeIn({ properties: { a: { $ref: '#/$defs/a' }, passwords: {} } })).toBe(false);
	});

	test('they are found beyond what is kept, and hidden in what is answered', () => {
		const fields = new SecretFields({ properties: { pin: { type: 'integer', writeOnly: true } } });
		const { text, truncated, secrets } = maskedText({ filler: 'é'.repeat(100), pin: 48151623 }, 50, fields);
		expect(Buffer.byteLength(text)).toBeLessThanOrEqual(50);
		expect(truncated).toBe(true);
		expect(text).not.toContain('\uFFFD');
		expect(secrets).toEqual(['48151623']);
		const answer = maskedText({ echo: 'the pin 48151623 is set' }, 1000, undefined, secrets);
		expect(JSON.parse(answer.text)).toEqual({ echo: 'the pin *** is set' });
	});

	test('one that is as short as a word like any other is not looked for in what is answered', () => {
		const fields = new SecretFields({ properties: { pin: secret } });
		const { text, secrets } = maskedText({ pin: 'is' }, 1000, fields);
		expect(JSON.parse(text)).toEqual({ pin: '***' });
		const answer = maskedText({ echo: 'it is set' }, 1000, undefined, secrets);
		expect(JSON.parse(answer.text)).toEqual({ echo: 'it is set' });
	});

	test('a schema that is made to take long hides everything after a while', () => {
		const wide: JsonObject = { properties: { list: { $ref: '#/$defs/n' } }, $defs: {} };
		const branches = Array.from({ length: 200 }, () => ({ items: { $ref: '#/$defs/n' } }));
		wide.$defs = { n: { anyOf: branches }, s: secret };
		const fields = new SecretFields(wide);
		const startedAt = performance.now();
		const { truncated } = maskedText({ list: Array.from({ length: 50_000 }, () => ['x']) }, 65_536, fields);
		expect(truncated).toBe(true);
		expect(performance.now() - startedAt).toBeLessThan(10_000);
	});
});
