import type { Buffer } from 'node:buffer';

/**
 * The text that stands as UTF-8 in a part of a buffer, a character at a time: for short texts, where the call into native code costs more.
 *
 * @returns undefined where it is not valid UTF-8
 */
export function readCharacters(buffer: Buffer, start: number, end: number): string | undefined {
	let text = '';
	for (let at = start; at < end; ) {
		const first = buffer[at] as number;
		const length =
			first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
		if (length === 0 || at + length > end) return undefined;
		if (length === 1) text += String.fromCharCode(first);
		else {
			let code = first & (0xff >> (length + 1));
			for (let i = 1; i < length; i++) {
				const byte = buffer[at + i] as number;
				if ((byte & 0xc0) !== 0x80) return undefined;
				code = (code << 6) | (byte & 0x3f);
			}
			if (isOverlong(code, length) || isSurrogate(code) || code > 0x10_ffff) return undefined;
			text += code < 0x1_0000 ? String.fromCharCode(code) : String.fromCodePoint(code);
		}
		at += length;
	}
	return text;
}

/** Whether fewer bytes would have done; of two bytes the first one tells already. */
function isOverlong(code: number, length: number): boolean {
	return (length === 3 && code < 0x800) || (length === 4 && code < 0x1_0000);
}

function isSurrogate(code: number): boolean {
	return code >= 0xd800 && code < 0xe000;
}
