import { describe, expect, test } from 'vitest';
import {
	decodeRequest,
	decodeResponse,
	encodeRequestFrame,
	encodeResponseFrame,
} from '../../src/runtime/wire/frame.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const payload = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex').subarray(4);

describe('the bytes that the Go SDK writes and reads', () => {
	test.each([
		['health', { requestId: 'r1', health: {} }, '00000006 0a027231 6a00'],
		['list_tools', { requestId: 'r1', listTools: {} }, '00000007 0a027231 aa0100'],
		['tool_call', { requestId: 'r1', toolCall: { toolName: 't' } }, '0000000a 0a027231 a20103 0a0174'],
		[
			'stream_cancel',
			{ requestId: 'r1', streamCancel: { streamId: 's' } },
			'0000000a 0a027231 ca0203 0a0173',
		],
	])('request %s', (_name, request, bytes) => {
		expect(hex(encodeRequestFrame(request))).toBe(bytes.replaceAll(' ', ''));
		expect(decodeRequest(payload(bytes))).toEqual(request);
	});

	test('response register', () => {
		const response = { requestId: 'r1', register: { accepted: true } };
		const bytes = '00000008 0a027231 5202 0801';
		expect(hex(encodeResponseFrame(response))).toBe(bytes.replaceAll(' ', ''));
		expect(decodeResponse(payload(bytes))).toEqual(response);
	});

	test('response stream_chunk: sequence 0 is not on the wire', () => {
		const bytes = '00000009 c20206 0a0173 120101';
		const data = new Uint8Array([1]);
		expect(hex(encodeResponseFrame({ streamChunk: { streamId: 's', data, sequence: 0 } }))).toBe(
			bytes.replaceAll(' ', ''),
		);
		expect(decodeResponse(payload(bytes))).toEqual({ streamChunk: { streamId: 's', data } });
	});
});

test('an absent field reads as undefined, a 64 bit field as a number', () => {
	const read = decodeRequest(payload('0000000a 0a027231 a20103 0a0174'));
	expect(Object.keys(read)).toEqual(['requestId', 'toolCall']);
	expect(read.toolCall?.arguments).toBeUndefined();
	expect(read.timeoutMs).toBeUndefined();
	const chunk = decodeResponse(encodeResponseFrame({ streamChunk: { sequence: 2 ** 40 + 1 } }).subarray(4));
	expect(chunk.streamChunk?.sequence).toBe(2 ** 40 + 1);
});
