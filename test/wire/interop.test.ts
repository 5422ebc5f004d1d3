import { deepStrictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	decodeRequest,
	decodeResponse,
	encodeRequestFrame,
	encodeResponseFrame,
} from '../../src/runtime/wire/frame.ts';
import { jsonObject, messageOf } from './arbitraries.ts';
import {
	decodeReflectively,
	fromReflectiveStruct,
	messageType,
	structType,
	toReflectiveStruct,
} from './reflective.ts';
import { overTheWire, readStructBytes, structBytes } from './struct-bytes.ts';

describe('google.protobuf.Struct and protobufjs', () => {
	test('any object comes back as it was', () => {
		fc.assert(
			fc.property(jsonObject, (value) => deepStrictEqual(overTheWire(value), value)),
			{ numRuns: 500 },
		);
	});

	test('protobufjs reads the bytes we write as the same value', () => {
		fc.assert(
			fc.property(jsonObject, (value) => {
				const read = decodeReflectively(structType, structBytes(value));
				deepStrictEqual(fromReflectiveStruct(read), value);
			}),
			{ numRuns: 300 },
		);
	});

	test('we write the very bytes that protobufjs writes, and read them', () => {
		fc.assert(
			fc.property(jsonObject, (value) => {
				const bytes = structType.encode(structType.create(toReflectiveStruct(value))).finish();
				expect(structBytes(value).equals(bytes)).toBe(true);
				deepStrictEqual(readStructBytes(bytes), value);
			}),
			{ numRuns: 300 },
		);
	});
});

describe('whole messages and protobufjs', () => {
	test.each([
		['PluginRequest', encodeRequestFrame, decodeRequest],
		['PluginResponse', encodeResponseFrame, decodeResponse],
	] as const)('%s: protobufjs reads ours and we read its', (name, encode, decode) => {
		const type = messageType(name);
		fc.assert(
			fc.property(messageOf(type), (message) => {
				const ours = encode(message).subarray(4);
				const theirs = type.encode(decodeReflectively(type, ours)).finish();
				expect(Buffer.from(ours).equals(theirs)).toBe(true);
				deepStrictEqual(decode(theirs), message);
			}),
			{ numRuns: 400 },
		);
	});
});
