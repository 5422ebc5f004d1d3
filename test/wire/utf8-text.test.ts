import { Buffer, isUtf8 } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { readText } from '../../src/runtime/wire/utf8-text.ts';

describe('a text of UTF-8', () => {
	const characters = [
		'a',
		'\u0000',
		'\u007f',
		'\u0080',
		'é',
		'я',
		'\u07ff',
		'\u0800',
		'語',
		'\ud7ff',
		'\ue000',
		'\uffff',
		'😀',
		'\u{10ffff}',
	];

	it('is read whatever its length and its characters', () => {
		for (const one of characters) {
			for (const other of characters) {
				for (let length = 0; length <= 100; length++) {
					const text = `${one.repeat(length >> 1)}${other.repeat(length - (length >> 1))}`;
					expect(read(Buffer.from(text))).toBe(text);
				}
			}
		}
	});

	it('is refused where any of its bytes is wrong', () => {
		for (const one of characters) {
			for (const length of [1, 2, 3, 7, 8, 9, 13, 24, 31, 32, 33, 48, 97]) {
				const bytes = Buffer.from(one.repeat(length));
				for (let at = 0; at < bytes.length; at++) {
					for (const wrong of [0x80, 0xbf, 0xc0, 0xc1, 0xc3, 0xe0, 0xed, 0xf0, 0xf4, 0xf5, 0xff]) {
						const changed = Buffer.from(bytes);
						changed[at] = wrong;
						if (isUtf8(changed)) expect(read(changed)).toBe(changed.toString());
						else expect(() => read(changed)).toThrow('not valid UTF-8');
					}
				}
			}
		}
	});

	it('is refused where it ends within a character', () => {
		for (const text of [
			'é',
			'語',
			'😀',
			'aaaaaaaaaaaaaaaé',
			'語'.repeat(13),
			'😀'.repeat(8),
			'я'.repeat(40),
		]) {
			expect(() => read(Buffer.from(text).subarray(0, -1))).toThrow('not valid UTF-8');
		}
	});
});

/** Reads a text that stands between others, which must not be read along. */
function read(bytes: Buffer): string {
	const around = Buffer.concat([Buffer.from('é語'), bytes, Buffer.from([0xbf, 0x80, 0x41])]);
	return readText(around, 5, 5 + bytes.length);
}
