import fc from 'fast-check';
import protobuf from 'protobufjs';
import type { JsonObject, JsonValue } from '../../src/runtime/wire/json-value.ts';

/** Texts of all lengths, with all characters but lone surrogates, and often the ones that are special somewhere. */
export const text: fc.Arbitrary<string> = fc.oneof(
	{ weight: 5, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
	{ weight: 3, arbitrary: fc.string({ maxLength: 20 }) },
	{ weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 100, maxLength: 400 }) },
	{
		weight: 2,
		arbitrary: fc.constantFrom('', '__proto__', 'constructor', 'toString', '0', '\ufeffbom', '\ufffd', '\0'),
	},
);

const json = fc.letrec<{ value: JsonValue; list: JsonValue[]; object: JsonObject }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 5, depthSize: 'small' },
		fc.oneof(
			fc.constant(null),
			fc.boolean(),
			fc.integer(),
			fc.double({ noNaN: true, noDefaultInfinity: true }),
			text,
		),
		tie('list'),
		tie('object'),
	),
	list: fc.array(tie('value'), { maxLength: 6 }),
	// Entries rather than fc.dictionary, which has ideas of its own about __proto__.
	object: fc
		.array(fc.tuple(text, tie('value')), { maxLength: 6 })
		.map((entries) => Object.fromEntries(entries)),
}));

export const jsonValue = json.value;
export const jsonObject = json.object;

/** Messages of a type in the shape of the runtime: plain objects, Structs as JS values, no field at its default. */
export function messageOf(type: protobuf.Type): fc.Arbitrary<Record<string, unknown>> {
	const required: Record<string, fc.Arbitrary<unknown>> = {};
	const inOneof: fc.Arbitrary<Record<string, unknown>>[] = [];
	for (const field of type.fieldsArray) {
		const value = fieldValue(field.resolve());
		if (field.partOf) inOneof.push(value.map((item) => ({ [field.name]: item })));
		else required[field.name] = value;
	}
	const plain = fc.record(required, { requiredKeys: [], noNullPrototype: true });
	if (inOneof.length === 0) return plain;
	return fc.tuple(plain, fc.oneof(...inOneof)).map(([rest, one]) => ({ ...rest, ...one }));
}

function fieldValue(field: protobuf.Field): fc.Arbitrary<unknown> {
	if (field.map) {
		const entries = fc.uniqueArray(fc.tuple(text, text), {
			minLength: 1,
			maxLength: 4,
			selector: ([key]) => key,
		});
		return entries.map((pairs) => Object.fromEntries(pairs));
	}
	const one = singleOf(field);
	return field.repeated ? fc.array(one, { minLength: 1, maxLength: 4 }) : one;
}

function singleOf(field: protobuf.Field): fc.Arbitrary<unknown> {
	if (field.type === 'google.protobuf.Struct') return jsonObject;
	if (field.resolvedType instanceof protobuf.Enum) return fc.constantFrom(1, 2, 3);
	if (field.resolvedType) return messageOf(field.resolvedType);
	switch (field.type) {
		case 'string':
			return field.repeated ? text : text.filter((value) => value !== '');
		case 'bytes':
			return fc.uint8Array({ minLength: 1, maxLength: 300 });
		case 'bool':
			return fc.constant(true);
		case 'double':
			return fc.double({ noNaN: true }).filter((value) => value !== 0);
		case 'uint32':
			return fc.integer({ min: 1, max: 0xffffffff });
		case 'int32':
			return fc.integer({ min: -0x80000000, max: 0x7fffffff }).filter((value) => value !== 0);
		case 'int64':
			return fc.maxSafeInteger().filter((value) => value !== 0);
		default:
			throw new Error(`no arbitrary for ${field.fullName}`);
	}
}
