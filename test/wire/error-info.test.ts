import { describe, expect, test } from 'vitest';
import { fromErrorInfo, toErrorInfo } from '../../src/runtime/wire/error-info.ts';
import { decodeResponse, encodeResponseFrame } from '../../src/runtime/wire/frame.ts';
import type { ErrorInfo } from '../../src/runtime/wire/generated/messages.ts';
import type { JsonObject } from '../../src/runtime/wire/json-value.ts';
import { OrchestraError, ToolError } from '../../src/runtime/wire/orchestra-error.ts';
import { causesOf } from '../../src/runtime/wire/thrown-value.ts';

function overTheWire(error: OrchestraError): OrchestraError {
	const frame = encodeResponseFrame({ requestId: 'r1', error: toErrorInfo(error) });
	return fromErrorInfo(decodeResponse(frame.subarray(4)).error ?? {});
}

describe('an error on its way to the caller', () => {
	test('keeps code, message, hint, details and whether it is retryable', () => {
		const got = overTheWire(
			new OrchestraError('overloaded', 'the plugin weather is busy', {
				hint: 'Try again later.',
				details: { limit: 4096, at: ['x', null] },
				retryable: true,
			}),
		);
		expect(got).toBeInstanceOf(OrchestraError);
		expect(got).toMatchObject({
			code: 'overloaded',
			message: 'the plugin weather is busy',
			hint: 'Try again later.',
			details: { limit: 4096, at: ['x', null] },
			retryable: true,
		});
	});

	test('has no hint and no details where it had none, and is not retryable by itself', () => {
		const got = overTheWire(new OrchestraError('unreachable', 'nothing answers'));
		expect(got).toMatchObject({ hint: undefined, details: undefined, retryable: false });
	});

	test('has its texts cut at 16 Ki characters', () => {
		const long = 'x'.repeat(16 * 1024);
		expect(overTheWire(new OrchestraError('handler_error', long, { hint: long }))).toMatchObject({
			message: long,
			hint: long,
		});
		expect(overTheWire(new OrchestraError('handler_error', `${long}y`, { hint: `${long}y` }))).toMatchObject({
			message: `${long}…`,
			hint: `${long}…`,
		});
	});

	test('leaves its cause and its stack behind', () => {
		const cause = new Error('the password is 1234');
		const info = toErrorInfo(new OrchestraError('handler_error', 'no', { cause }));
		expect(JSON.stringify(info)).not.toContain('1234');
		expect(fromErrorInfo(info).cause).toBeUndefined();
	});

	test('tells five causes at most, the nearest first', () => {
		let thrown = new Error('cause 8');
		for (let at = 7; at >= 0; at--) thrown = new Error(`cause ${at}`, { cause: thrown });
		expect(causesOf(thrown)).toEqual([1, 2, 3, 4, 5].map((at) => `cause ${at}`));
		const circle = new Error('again');
		circle.cause = circle;
		expect(causesOf(circle)).toHaveLength(5);
	});

	test('may carry a code that a tool chose', () => {
		expect(overTheWire(new ToolError('city_unknown', 'no city named Oz')).code).toBe('city_unknown');
	});

	test('says what it lost where its details are not JSON', () => {
		const details = { when: 1n } as unknown as JsonObject;
		const got = overTheWire(new ToolError('x', 'y', { details }));
		expect(got.code).toBe('x');
		expect(got.details).toEqual({ detailsLost: expect.stringContaining('/when') });
	});

	test('is told even where its message is enormous', () => {
		const got = overTheWire(new ToolError('x', 'm'.repeat(20_000_000)));
		expect(got.code).toBe('x');
		expect(got.message).toHaveLength(16 * 1024 + 1);
	});
});

describe('what a peer reports', () => {
	test('without a code is a handler_error', () => {
		expect(fromErrorInfo({})).toMatchObject({ code: 'handler_error', retryable: false });
		expect(fromErrorInfo({}).message).not.toBe('');
		expect(fromErrorInfo({ code: '', message: 'm' })).toMatchObject({ code: 'handler_error', message: 'm' });
	});

	test('is not believed where it has the wrong types', () => {
		const info = { code: 5, message: {}, hint: [], details: ['x'], retryable: 'yes' } as unknown as ErrorInfo;
		expect(fromErrorInfo(info)).toMatchObject({
			code: 'handler_error',
			message: expect.any(String),
			hint: undefined,
			details: undefined,
			retryable: false,
		});
	});
});
