import { decodeRequest, encodeRequestFrame } from '../../../src/runtime/wire/frame.ts';
import { copyStruct } from '../../../src/runtime/wire/struct-copy.ts';
import { requestWithStruct, structBytes } from '../../wire/struct-bytes.ts';
import { allow } from '../allowed-error.ts';
import { expect, type FuzzTarget } from '../fuzz-target.ts';
import { checkRewriting, wireDictionary } from './messages.ts';

/** The bytes of a Struct. What is read is copied in process as it is written: both are the same values. */
export function structTarget(): FuzzTarget {
	const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: [deep(levels - 1)] });
	return {
		seeds: [
			{},
			{ a: 1, b: 'two', c: [true, null, -0], d: { e: {} } },
			{ 'grüß 🎻': ['x'.repeat(200), 1e308, 5e-324] },
			{ __proto__: null, constructor: 1, toString: 2 },
			{ deep: deep(48) },
			{ deeper: deep(40), again: deep(10) },
		].map((value) => structBytes(value)),
		dictionary: wireDictionary,
		maxBytes: 3000,
		run(input) {
			checkRewriting(input, (struct) =>
				structBytes(decodeRequest(requestWithStruct(struct)).toolCall?.arguments),
			);
			let value: unknown;
			try {
				value = decodeRequest(requestWithStruct(input)).toolCall?.arguments;
			} catch (error) {
				allow(error, ['malformed_message', 'nesting_too_deep', 'not_json']);
				return;
			}
			if (value === undefined) return;
			const written = (one: unknown) =>
				encodeRequestFrame({ publish: { payload: one as Record<string, never> } });
			expect(
				Buffer.compare(written(copyStruct(value)), written(value)) === 0,
				'a copy in process is what the wire makes of it',
			);
			expect(Object.getPrototypeOf({}) === Object.prototype, 'no prototype is changed');
			expect(Object.keys(Object.prototype).length === 0, 'nothing is added to a prototype');
		},
	};
}
