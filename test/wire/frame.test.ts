import { describe, expect, test } from 'vitest';
import {
	decodeRequest,
	decodeResponse,
	encodeRequestFrame,
	encodeResponseFrame,
	frameHeaderBytes,
	withTimeout,
} from '../../src/runtime/wire/frame.ts';
import type { PluginRequest } from '../../src/runtime/wire/generated/messages.ts';
import { maxMessageBytes } from '../../src/runtime/wire/limits.ts';
import { field } from './struct-bytes.ts';

/** A response whose message has so many bytes. */
function responseOf(bytes: number): { streamChunk: { data: Uint8Array } } {
	// Two tags, the first of two bytes, and two lengths of four bytes each.
	return { streamChunk: { data: new Uint8Array(bytes - 11).fill(7) } };
}

describe('the limit of 16 MiB', () => {
	test('a message of exactly 16 MiB is written, one byte more is refused', () => {
		const frame = encodeResponseFrame(responseOf(maxMessageBytes));
		expect(frame.length).toBe(4 + maxMessageBytes);
		expect(decodeResponse(frame.subarray(4)).streamChunk?.data?.length).toBe(maxMessageBytes - 11);
		expect(() => encodeResponseFrame(responseOf(maxMessageBytes + 1))).toThrow(
			expect.objectContaining({ code: 'message_too_large' }),
		);
		expect(() => encodeResponseFrame(responseOf(200 * 1024 * 1024))).toThrow(
			expect.objectContaining({ code: 'message_too_large' }),
		);
	});

	test('the writer works on after a message was refused', () => {
		expect(() => encodeRequestFrame({ toolCall: { arguments: { a: 1n as never } } })).toThrow();
		expect(() => encodeResponseFrame(responseOf(maxMessageBytes + 1))).toThrow();
		const request = { requestId: 'r1', toolCall: { toolName: 't', arguments: { a: 1 } } };
		expect(decodeRequest(encodeRequestFrame(request).subarray(4))).toEqual(request);
	});
});

test('frames stay as they are while others are written', () => {
	const requests = Array.from({ length: 2000 }, (_item, i) => ({
		requestId: `r${i}`,
		toolCall: { toolName: 'echo', arguments: { i, text: 'x'.repeat(i % 300) } },
	}));
	const frames = requests.map(encodeRequestFrame);
	encodeResponseFrame(responseOf(1_000_000));
	expect(frames.map((frame) => decodeRequest(frame.subarray(4)))).toEqual(requests);
});

test('a frame that is written while another one is being written', () => {
	let inner: Uint8Array | undefined;
	const outer: PluginRequest = {
		requestId: 'outer',
		toolCall: {
			toolName: 'a',
			arguments: {
				first: 1,
				get nested() {
					inner = encodeRequestFrame({ requestId: 'inner', toolCall: { arguments: { x: 'y' } } });
					return 'n';
				},
				last: 2,
			},
		},
	};
	expect(decodeRequest(encodeRequestFrame(outer).subarray(4))).toEqual({
		requestId: 'outer',
		toolCall: { toolName: 'a', arguments: { first: 1, nested: 'n', last: 2 } },
	});
	expect(decodeRequest(inner?.subarray(4) ?? new Uint8Array())).toEqual({
		requestId: 'inner',
		toolCall: { arguments: { x: 'y' } },
	});
});

test('lone surrogates in names and messages do not make the frame unreadable', () => {
	const frame = encodeRequestFrame({
		requestId: '\ud800',
		toolCall: { toolName: `t\udfff${'x'.repeat(100)}\ud800` },
	});
	expect(decodeRequest(frame.subarray(4))).toEqual({
		requestId: '\ufffd',
		toolCall: { toolName: `t\ufffd${'x'.repeat(100)}\ufffd` },
	});
});

test('numbers out of range go to the nearest that the field holds', () => {
	const timeout = (timeoutMs: number): number | undefined =>
		decodeRequest(encodeRequestFrame({ timeoutMs }).subarray(4)).timeoutMs;
	expect(timeout(0.1)).toBe(1);
	expect(timeout(-5)).toBe(0);
	expect(timeout(Number.NaN)).toBeUndefined();
	expect(timeout(Number.POSITIVE_INFINITY)).toBe(0xffffffff);
	expect(() => encodeRequestFrame({ storageWrite: { expectedVersion: 2 ** 64 } })).toThrow(
		expect.objectContaining({ code: 'malformed_message' }),
	);
});

test('a field that JavaScript gave the wrong type is refused, not sent as nonsense', () => {
	expect(() => encodeRequestFrame({ toolCall: { toolName: 5 as unknown as string } })).toThrow(
		expect.objectContaining({ code: 'malformed_message' }),
	);
});

test('what cannot be read names its exchange where the request id came first', () => {
	const id = field(1, Buffer.from('r7'));
	const nan = Buffer.from('0a0e0a016e120911000000000000f87f', 'hex');
	const withNan = Buffer.concat([id, field(20, field(2, nan))]);
	expect(() => decodeResponse(withNan)).toThrow(
		expect.objectContaining({ code: 'not_json', details: { pointer: '/n', requestId: 'r7' } }),
	);
	expect(() => decodeRequest(Buffer.concat([id, Buffer.from([0xff])]))).toThrow(
		expect.objectContaining({ code: 'malformed_message', details: { requestId: 'r7' } }),
	);
	expect(() => decodeRequest(new Uint8Array([0xff]))).toThrow(
		expect.objectContaining({ code: 'malformed_message', details: undefined }),
	);
});

test('of several kinds in one message the last one counts, and equal ones are merged', () => {
	const health = field(13, new Uint8Array());
	const call = (text: string): Buffer => field(20, Buffer.from(text, 'hex'));
	const [named, from] = [call('0a0174'), call('1a0163')];
	expect(decodeRequest(Buffer.concat([health, named, from]))).toEqual({
		toolCall: { toolName: 't', callerPlugin: 'c' },
	});
	expect(decodeRequest(Buffer.concat([named, health, from]))).toEqual({ toolCall: { callerPlugin: 'c' } });
	expect(decodeRequest(Buffer.concat([named, health]))).toEqual({ health: {} });
});

test('bytes are views of the payload', () => {
	const payload = encodeResponseFrame({ streamChunk: { data: new Uint8Array([1, 2]) } }).subarray(4);
	const { data } = decodeResponse(payload).streamChunk ?? {};
	expect(data).toEqual(new Uint8Array([1, 2]));
	expect(data?.buffer).toBe(payload.buffer);
});

test('any Uint8Array can be read, not only a Buffer', () => {
	const request = {
		requestId: 'r1',
		toolCall: { toolName: 'a'.repeat(50), arguments: { é: 'ü'.repeat(50), n: 0.5 } },
	};
	const frame = encodeRequestFrame(request);
	const inside = new Uint8Array(frame.length + 10);
	inside.set(frame.subarray(4), 7);
	expect(decodeRequest(inside.subarray(7, 7 + frame.length - 4))).toEqual(request);
});

test.each([1, 127, 128, 60_000, 2 ** 31 - 1])(
	'a frame that waited can tell another timeout: %d',
	(timeoutMs) => {
		const request = { requestId: 'r', timeoutMs: 70_000, toolCall: { toolName: 't', arguments: { a: 1 } } };
		const frame = withTimeout(encodeRequestFrame(request), timeoutMs);
		expect(new DataView(frame.buffer, frame.byteOffset).getUint32(0)).toBe(frame.length - 4);
		expect(decodeRequest(frame.subarray(4))).toEqual({ ...request, timeoutMs });
		const bare = withTimeout(encodeRequestFrame({ requestId: 'r' }), timeoutMs);
		expect(decodeRequest(bare.subarray(4))).toEqual({ requestId: 'r', timeoutMs });
	},
);

test('a frame that waited stays as it is where another timeout would make it too large', () => {
	const fitting = (bytes: number) => {
		const frame = new Uint8Array(frameHeaderBytes + bytes);
		new DataView(frame.buffer).setUint32(0, bytes);
		return frame;
	};
	// The field takes two bytes for its tag, and one for 1 ms.
	expect(withTimeout(fitting(maxMessageBytes - 3), 1)).toHaveLength(frameHeaderBytes + maxMessageBytes);
	for (const bytes of [maxMessageBytes - 2, maxMessageBytes]) {
		const frame = fitting(bytes);
		// Not compared by `toBe`, which would show 16 MiB.
		expect(withTimeout(frame, 1) === frame).toBe(true);
	}
});

describe('64 bit integers beyond 2^53', () => {
	// The Go side has such versions: a time in nanoseconds. An orchestrator has to be able to pass them on.
	const nanoseconds = 1_763_625_600_123_456_789n;

	test('are read as the nearest number, and what was read can be written', () => {
		const near = Number(nanoseconds);
		const frame = encodeResponseFrame({ storageRead: { version: near } });
		const { storageRead } = decodeResponse(frame.subarray(frameHeaderBytes));
		expect(storageRead?.version).toBe(near);
		expect(BigInt(near)).not.toBe(nanoseconds);
	});

	test.each([2 ** 53, 2 ** 63 - 1024, -(2 ** 63), -(2 ** 53) - 2])('%d comes back', (version) => {
		const frame = encodeResponseFrame({ storageRead: { version } });
		expect(decodeResponse(frame.subarray(frameHeaderBytes)).storageRead?.version).toBe(version);
	});

	test.each([2 ** 63, -(2 ** 63) - 2048, Number.POSITIVE_INFINITY])('%d does not fit', (version) => {
		expect(() => encodeResponseFrame({ storageRead: { version } })).toThrow(/cannot be sent as an integer/);
	});
});
