import { FrameDecoder } from '../../../src/runtime/wire/frame-decoder.ts';
import { allow } from '../allowed-error.ts';
import { expect, type FuzzTarget } from '../fuzz-target.ts';

const limit = 600;

/** A stream of frames in pieces: the first byte tells how it is cut. Compared with a reader that has all of it at once. */
export function frameDecoderTarget(): FuzzTarget {
	const frame = (length: number) =>
		Buffer.concat([Buffer.from([0, 0, length >> 8, length & 255]), Buffer.alloc(length, length)]);
	return {
		seeds: [
			Buffer.concat([Buffer.from([0]), frame(5)]),
			Buffer.concat([Buffer.from([1]), frame(0), frame(1), frame(200)]),
			Buffer.concat([Buffer.from([7]), frame(limit)]),
			Buffer.concat([Buffer.from([3]), frame(limit + 1)]),
			Buffer.concat([Buffer.from([2]), Buffer.alloc(4, 0xff)]),
		],
		dictionary: [frame(0), frame(3), frame(limit), Buffer.from([0, 0, 2, 0x59]), Buffer.alloc(4, 0xff)],
		maxBytes: 2000,
		run(input) {
			const stream = input.subarray(1);
			const frames: Buffer[] = [];
			const decoder = new FrameDecoder(limit);
			let failed = false;
			try {
				for (const piece of cut(stream, input[0] ?? 0)) {
					decoder.push(piece, (payload) => frames.push(Buffer.from(payload)));
					expect(decoder.buffered <= Math.min(stream.length, limit + 4), 'no more is held than came');
				}
				decoder.end();
			} catch (error) {
				allow(error, ['message_too_large', 'malformed_message']);
				failed = true;
				expect(decoder.buffered === 0, 'nothing is held after a fault');
			}
			const whole = readWhole(stream);
			expect(whole.failed === failed, 'the same streams are refused, however they are cut');
			expect(Buffer.concat(frames).equals(Buffer.concat(whole.frames)), 'the same bytes come out');
			expect(frames.length === whole.frames.length, 'the same frames come out');
		},
	};
}

/** Pieces of up to so many bytes, in a pattern; copies, as a socket gives them. */
function cut(stream: Uint8Array, how: number): Uint8Array[] {
	const pieces: Uint8Array[] = [];
	for (let at = 0, i = 0; at < stream.length; i++) {
		const size = how === 0 ? stream.length : 1 + ((how * (i + 1)) % (how % 2 ? 7 : 300));
		pieces.push(stream.slice(at, at + size));
		at += size;
	}
	return pieces;
}

function readWhole(stream: Uint8Array): { frames: Uint8Array[]; failed: boolean } {
	const frames: Uint8Array[] = [];
	const bytes = Buffer.from(stream);
	let at = 0;
	while (at + 4 <= bytes.length) {
		const length = bytes.readUInt32BE(at);
		if (length > limit) return { frames, failed: true };
		if (at + 4 + length > bytes.length) break;
		frames.push(bytes.subarray(at + 4, at + 4 + length));
		at += 4 + length;
	}
	return { frames, failed: at < bytes.length };
}
