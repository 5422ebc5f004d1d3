import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inexactNumber } from '../../src/cli/exact-json.ts';
import { argumentsOf, splitWord } from '../../src/cli/tool-arguments.ts';
import { formatAddress, parseAddress } from '../../src/runtime/carrier/address.ts';
import {
	connectionKey,
	hasLongHeader,
	readInitialToken,
	readLongHeader,
	shortHeaderKey,
} from '../../src/runtime/carrier/quic/driver/packet-header.ts';
import { parseReadyLine } from '../../src/runtime/launching/ready-line.ts';
import {
	decodeRequest,
	decodeResponse,
	encodeRequestFrame,
	encodeResponseFrame,
} from '../../src/runtime/wire/frame.ts';
import { FrameDecoder } from '../../src/runtime/wire/frame-decoder.ts';
import type { JsonValue } from '../../src/runtime/wire/json-value.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';
import { jsonObject, jsonValue, messageOf } from '../wire/arbitraries.ts';
import { messageType } from '../wire/reflective.ts';
import { overTheWire } from '../wire/struct-bytes.ts';
import { fuzzSeed, soaking } from './soak.ts';

const options = { seed: fuzzSeed, numRuns: soaking ? 20_000 : 500 };

const host = fc.oneof(
	fc.domain(),
	fc.ipV4(),
	fc.ipV6().filter((address) => /^[0-9a-f:.]+$/i.test(address)),
	fc.constantFrom('localhost', '::1', 'fe80::1%eth0'),
);
const address = fc.record({
	carrier: fc.constantFrom('quic', 'tcp', 'tcp+plain'),
	host,
	port: fc.integer({ min: 0, max: 65_535 }),
});
const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

describe(`for whatever comes, with seed ${fuzzSeed},`, () => {
	test('an address reads as it was written', () => {
		fc.assert(
			fc.property(address, (one) => {
				expect(parseAddress(formatAddress(one))).toEqual(one);
			}),
			options,
		);
	});

	test('a text is an address or an invalid_address', () => {
		fc.assert(
			fc.property(anyText, (text) => {
				expectOnly(() => parseAddress(text), 'invalid_address');
			}),
			options,
		);
	});

	test('a READY line tells its address, and whatever is put around it is other output or no address', () => {
		fc.assert(
			fc.property(address, anyText, anyText, (one, before, after) => {
				expect(parseReadyLine(`READY ${formatAddress(one)}`)).toEqual(one);
				if (before !== '') expect(parseReadyLine(`${before}READY ${formatAddress(one)}`)).toBeUndefined();
				expectOnly(() => parseReadyLine(`READY ${after}`), 'invalid_address');
			}),
			options,
		);
	});

	test('arguments that are written as JSON are read as they are', () => {
		const key = fc.string({ minLength: 1 }).filter((text) => !/[=:@]/.test(text));
		fc.assert(
			fc.property(fc.uniqueArray(fc.tuple(key, jsonValue), { selector: ([name]) => name }), (entries) => {
				// A number that would change is refused.
				fc.pre(entries.every(([, value]) => inexactNumber(JSON.stringify(value)) === undefined));
				const tokens = entries.map(([name, value]) => `${name}:=${JSON.stringify(value)}`);
				const args = argumentsOf(tokens.map(splitWord), undefined, undefined);
				expect(Object.keys(args).sort()).toEqual(entries.map(([name]) => name).sort());
				for (const [name, value] of entries) {
					expect(args[name]).toEqual(JSON.parse(JSON.stringify(value)) as JsonValue);
				}
			}),
			options,
		);
	});

	test('words are arguments or wrong usage', () => {
		const word = fc.oneof(
			anyText,
			fc.tuple(anyText, fc.constantFrom('=', ':='), anyText).map((parts) => parts.join('')),
		);
		fc.assert(
			fc.property(fc.array(word.filter((text) => !/=@/.test(text))), (tokens) => {
				expectOnly(() => argumentsOf(tokens.map(splitWord), undefined, undefined), 'usage');
			}),
			options,
		);
	});

	test('values cross the wire as they are', () => {
		fc.assert(
			fc.property(jsonObject, (value) => {
				// JSON has no -0; the wire has.
				expect(overTheWire(value)).toEqual(value);
			}),
			options,
		);
	});

	test.each([
		['requests', messageType('PluginRequest'), encodeRequestFrame, decodeRequest],
		['responses', messageType('PluginResponse'), encodeResponseFrame, decodeResponse],
	] as const)(
		'%s in one stream come out as they went in, however it is cut',
		(_name, type, encode, decode) => {
			const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });
			fc.assert(
				fc.property(fc.array(messageOf(type), { maxLength: 5 }), sizes, (messages, pieces) => {
					const stream = Buffer.concat(messages.map((message) => encode(message)));
					const decoder = new FrameDecoder();
					const seen: unknown[] = [];
					for (let at = 0, i = 0; at < stream.length; i++) {
						const size = pieces[i % pieces.length] ?? 1;
						decoder.push(stream.subarray(at, at + size), (payload) =>
							seen.push(decode(Buffer.from(payload))),
						);
						at += size;
					}
					decoder.end();
					expect(seen.map((message) => encode(message as never))).toEqual(
						messages.map((message) => encode(message)),
					);
				}),
				{ ...options, numRuns: options.numRuns / (soaking ? 8 : 2) },
			);
		},
	);

	test('a datagram is a packet or is dropped: nothing is read beyond its end', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
				const datagram = Buffer.from(bytes);
				shortHeaderKey(datagram);
				if (!hasLongHeader(datagram)) return;
				const header = readLongHeader(datagram);
				if (!header) return;
				expect(header.end).toBeLessThanOrEqual(datagram.length);
				if (header.destinationId.length >= 8) connectionKey(header.destinationId);
				const token = readInitialToken(datagram, header);
				if (token) expect(header.end + token.length).toBeLessThan(datagram.length);
			}),
			{ ...options, numRuns: options.numRuns * 2 },
		);
	});
});

/** Runs something; the one thing that may go wrong is an error of this code. */
function expectOnly(run: () => unknown, code: string): void {
	try {
		run();
	} catch (error) {
		if (!(error instanceof OrchestraError)) throw error;
		expect(error.code).toBe(code);
	}
}
