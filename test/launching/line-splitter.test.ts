import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../src/runtime/launching/line-splitter.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';

expectNothingLeftBehind();

function split(chunks: Uint8Array[], maxBytes?: number): string[] {
	const lines: string[] = [];
	const splitter = new LineSplitter((line) => lines.push(line), maxBytes);
	for (const chunk of chunks) splitter.push(chunk);
	splitter.end();
	return lines;
}

describe('lines', () => {
	it('are the same however the bytes come', () => {
		fc.assert(
			fc.property(
				fc.array(fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n]/g, ''))),
				fc.array(fc.nat(10)),
				(lines, sizes) => {
					const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
					const chunks: Uint8Array[] = [];
					let at = 0;
					for (const size of sizes) {
						chunks.push(bytes.subarray(at, at + size));
						at += size;
					}
					chunks.push(bytes.subarray(at));
					expect(split(chunks)).toEqual(lines);
				},
			),
		);
	});

	it('without an end come in pieces of 64 KiB where nothing is said', () => {
		const lines = split([Buffer.alloc(150 * 1024, 'x')]);
		expect(lines.map((line) => line.length)).toEqual([64 * 1024, 64 * 1024, 22 * 1024]);
	});

	it('over the limit are told in place of their pieces where somebody asks for it', () => {
		const heard: string[] = [];
		const splitter = new LineSplitter(
			(line) => heard.push(line),
			4,
			() => heard.push('too long'),
		);
		splitter.push(Buffer.from('abcd\nef'));
		expect(heard).toEqual(['abcd']);
		splitter.push(Buffer.from('ghi'));
		expect(heard).toEqual(['abcd', 'too long']);
	});

	it('lose nothing when they are cut at the limit, and no character is cut in two', () => {
		fc.assert(
			fc.property(
				fc.string({ unit: 'grapheme', maxLength: 60 }),
				fc.integer({ min: 4, max: 20 }),
				(text, limit) => {
					const line = text.replace(/[\r\n]/g, '');
					const pieces = split([Buffer.from(`${line}\n`)], limit);
					expect(pieces.join('')).toBe(line);
					for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(limit);
				},
			),
		);
	});

	it('end with CRLF too, and the last needs no end', () => {
		expect(split([Buffer.from('a\r\n\r\nb')])).toEqual(['a', '', 'b']);
		expect(split([])).toEqual([]);
	});

	it('may be no UTF-8 at all', () => {
		expect(split([Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x0a])], 4).join('')).toBe(
			'\ufffd'.repeat(6),
		);
	});
});
