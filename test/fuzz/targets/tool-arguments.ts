import { argumentsOf, splitWord } from '../../../src/cli/tool-arguments.ts';
import type { JsonObject } from '../../../src/runtime/wire/json-value.ts';
import { allow } from '../allowed-error.ts';
import { expect, type FuzzTarget } from '../fuzz-target.ts';

const schemas: readonly (JsonObject | undefined)[] = [
	undefined,
	{ type: 'object', properties: { a: { type: 'string' }, n: { type: 'number' }, list: { type: 'array' } } },
	{
		properties: { a: { anyOf: [{ type: 'integer' }, { type: ['null', 'boolean'] }] }, o: { type: 'object' } },
	},
	{ properties: { a: { enum: [1, 'b', null] }, n: true as never, list: { oneOf: [{ type: 'array' }, {}] } } },
	{ properties: [] as never },
];

/** Words of a command line, one a line; the first byte chooses the schema. */
export function toolArgumentsTarget(): FuzzTarget {
	const texts = (list: readonly string[]) => list.map((text) => Buffer.from(text));
	return {
		seeds: texts([
			'\x00city=Oslo\ndays:=3',
			'\x01a=1\nn=2\nlist=x\nlist=y\nlist:=[1,2]',
			'\x02a=true\na=null\no={"x":1}',
			'\x03a=1\nn:=false\nlist=1',
			'\x04__proto__=1\nconstructor:={"a":[]}\ntoString=x',
			'\x01a\n=b\n:=1\n@x',
		]),
		dictionary: texts([
			'=',
			':=',
			'\n',
			'{',
			'}',
			'[',
			']',
			'"',
			'true',
			'null',
			'-1e9',
			'__proto__',
			'list=',
			'a:=',
			'\\u0000',
		]),
		maxBytes: 600,
		run(input) {
			const schema = schemas[(input[0] ?? 0) % schemas.length];
			// Files are left alone: what a path names is the person's own choice, and some never end.
			const tokens = Buffer.from(input.subarray(1))
				.toString('utf8')
				.split('\n')
				.filter((token) => !/=@/.test(token));
			try {
				const args = argumentsOf(tokens.map(splitWord), undefined, schema);
				expect(Object.getPrototypeOf(args) === null, 'every key is a key like any other');
				for (const key of Object.keys(args)) {
					expect(
						tokens.some((token) => token.startsWith(key)),
						'no key is made up',
					);
				}
				JSON.stringify(args);
			} catch (error) {
				allow(error, ['usage']);
			}
			expect(Object.keys(Object.prototype).length === 0, 'nothing is added to a prototype');
		},
	};
}
