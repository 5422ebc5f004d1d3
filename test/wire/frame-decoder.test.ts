import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeRequestFrame } from '../../src/runtime/wire/frame.ts';
import { FrameDecoder } from '../../src/runtime/wire/frame-decoder.ts';
import { maxMessageBytes } from '../../src/runtime/wire/limits.ts';

function frame(payload: Uint8Array): Buffer {
	const header = Buffer.alloc(4);
	header.writeUInt32BE(payload.length);
	return Buffer.concat([header, payload]);
}

function header(length: number): Buffer {
	return Buffer.from([length >>> 24, length >>> 16, length >>> 8, length]);
}

/** The stream, cut into pieces of the given sizes, again and again. */
function cut(stream: Uint8Array, sizes: readonly number[]): Uint8Array[] {
	const chunks: Uint8Array[] = [];
	for (let at = 0, i = 0; at < stream.length; i++) {
		const size = sizes[i % sizes.length] ?? 1;
		// A copy each, as a socket gives them.
		chunks.push(stream.slice(at, at + size));
		at += size;
	}
	return chunks;
}

function decodeAll(chunks: readonly Uint8Array[], decoder = new FrameDecoder()): string[] {
	const frames: string[] = [];
	for (const chunk of chunks)
		decoder.push(chunk, (payload) => frames.push(Buffer.from(payload).toString('hex')));
	decoder.end();
	return frames;
}

describe('FrameDecoder', () => {
	test('gives the same frames however the stream is cut', () => {
		const payloads = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 });
		const sizes = fc.oneof(
			fc.constant([1]),
			fc.constant([2]),
			fc.constant([1e9]),
			fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 }),
		);
		fc.assert(
			fc.property(payloads, sizes, (list, pieces) => {
				const stream = Buffer.concat(list.map(frame));
				expect(decodeAll(cut(stream, pieces))).toEqual(list.map((p) => Buffer.from(p).toString('hex')));
			}),
			{ numRuns: 500 },
		);
	});

	test('puts a large message together from many chunks', () => {
		const payload = new Uint8Array(3_000_001).map((_byte, i) => i * 7);
		const stream = Buffer.concat([frame(payload), frame(new Uint8Array([9]))]);
		const frames: Uint8Array[] = [];
		const decoder = new FrameDecoder();
		for (const chunk of cut(stream, [16_384, 1, 65_536, 3])) decoder.push(chunk, (p) => frames.push(p));
		decoder.end();
		expect(frames.map((p) => p.length)).toEqual([payload.length, 1]);
		expect(Buffer.from(payload).equals(frames[0] ?? new Uint8Array())).toBe(true);
	});

	test('a message inside one chunk is a view of it; one of several chunks is not', () => {
		const chunk = frame(new Uint8Array([1, 2, 3]));
		const seen: Uint8Array[] = [];
		const decoder = new FrameDecoder();
		decoder.push(chunk, (p) => seen.push(p));
		expect(seen[0]?.buffer).toBe(chunk.buffer);
		const start = Buffer.from(chunk.subarray(0, 5));
		decoder.push(start, (p) => seen.push(p));
		start.fill(0xff);
		decoder.push(chunk.subarray(5), (p) => seen.push(p));
		expect([...(seen[1] ?? [])]).toEqual([1, 2, 3]);
	});

	test('a message may be empty', () => {
		expect(decodeAll([header(0), header(0)])).toEqual(['', '']);
	});

	test('takes 16 MiB and refuses one more byte, from the header alone', () => {
		const decoder = new FrameDecoder();
		let frames = 0;
		decoder.push(header(maxMessageBytes), () => frames++);
		decoder.push(new Uint8Array(maxMessageBytes), (payload) => {
			frames++;
			expect(payload.length).toBe(maxMessageBytes);
		});
		expect(frames).toBe(1);
		expect(() => decoder.push(header(maxMessageBytes + 1), () => frames++)).toThrow(
			expect.objectContaining({ code: 'message_too_large', message: expect.stringContaining('16777217') }),
		);
		expect(frames).toBe(1);
		expect(decoder.buffered).toBe(0);
	});

	test('a limit of its own', () => {
		const decoder = new FrameDecoder(3);
		let frames = 0;
		decoder.push(frame(new Uint8Array(3)), () => frames++);
		expect(frames).toBe(1);
		expect(() => decoder.push(header(0xffffffff), () => {})).toThrow(
			expect.objectContaining({ code: 'message_too_large', message: expect.stringContaining('4294967295') }),
		);
	});

	test('after an error it takes no more', () => {
		const decoder = new FrameDecoder(3);
		expect(() => decoder.push(header(4), () => {})).toThrow(
			expect.objectContaining({ code: 'message_too_large' }),
		);
		expect(() => decoder.push(frame(new Uint8Array(1)), () => {})).toThrow(
			expect.objectContaining({ code: 'message_too_large' }),
		);
	});

	test('frames before the one that is refused are delivered', () => {
		const decoder = new FrameDecoder(3);
		const frames: number[] = [];
		const stream = Buffer.concat([frame(new Uint8Array(1)), frame(new Uint8Array(2)), header(9)]);
		expect(() => decoder.push(stream, (p) => frames.push(p.length))).toThrow();
		expect(frames).toEqual([1, 2]);
	});

	test('a receiver that throws stops the decoder: the place in the stream is lost', () => {
		const decoder = new FrameDecoder();
		const fault = new Error('receiver');
		const stream = Buffer.concat([frame(new Uint8Array(1)), frame(new Uint8Array(2))]);
		expect(() =>
			decoder.push(stream, () => {
				throw fault;
			}),
		).toThrow(fault);
		expect(() => decoder.push(stream, () => {})).toThrow(expect.objectContaining({ code: 'internal' }));
	});

	test.each([1, 2, 3, 4, 5, 6])('the end after %i of 7 bytes is an error', (bytes) => {
		const decoder = new FrameDecoder();
		decoder.push(frame(new Uint8Array(3)).subarray(0, bytes), () => {});
		expect(decoder.buffered).toBe(bytes);
		expect(() => decoder.end()).toThrow(expect.objectContaining({ code: 'malformed_message' }));
	});

	test('nothing comes after the end', () => {
		const decoder = new FrameDecoder();
		decoder.push(frame(new Uint8Array(3)), () => {});
		decoder.end();
		expect(() => decoder.push(new Uint8Array(1), () => {})).toThrow(
			expect.objectContaining({ code: 'malformed_message' }),
		);
	});

	test('a header that promises 16 MiB takes no 16 MiB', () => {
		const before = process.memoryUsage().arrayBuffers;
		const decoders = Array.from({ length: 100 }, () => new FrameDecoder());
		for (const decoder of decoders)
			decoder.push(Buffer.concat([header(maxMessageBytes), Buffer.alloc(1)]), () => {});
		expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100 * 128 * 1024);
		expect(decoders.every((decoder) => decoder.buffered === 5)).toBe(true);
	});

	test('our own frames', () => {
		const stream = Buffer.concat(
			[1, 2, 3].map((i) => encodeRequestFrame({ requestId: `r${i}`, health: {} })),
		);
		expect(decodeAll(cut(stream, [5]))).toHaveLength(3);
	});
});
