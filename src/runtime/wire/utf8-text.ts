import { type Buffer, isAscii, isUtf8 } from 'node:buffer';
import { OrchestraError } from './orchestra-error.ts';
import { readCharacters } from './utf8-characters.ts';

/** Up to this many bytes a loop beats the call into native code (measured on Node 20 and Deno 2.9). */
const shortTextBytes = 12;

/**
 * The text that stands as UTF-8 in a part of a buffer.
 *
 * @throws OrchestraError `malformed_message` where it is not valid UTF-8: protobuf strings have to be
 */
export function readText(buffer: Buffer, start: number, end: number): string {
	if (end - start > shortTextBytes) return readLongText(buffer, start, end);
	let text = '';
	let at = start;
	for (; at + 3 < end; at += 4) {
		const a = buffer[at] as number;
		const b = buffer[at + 1] as number;
		const c = buffer[at + 2] as number;
		const d = buffer[at + 3] as number;
		if ((a | b | c | d) >= 0x80) break;
		text += String.fromCharCode(a, b, c, d);
	}
	for (; at < end; at++) {
		const a = buffer[at] as number;
		if (a >= 0x80) return text + (readCharacters(buffer, at, end) ?? readLongText(buffer, at, end));
		text += String.fromCharCode(a);
	}
	return text;
}

/** Bytes of a text from which on it pays to look for ASCII first, which is copied as it is (measured on Node 20 and Deno 2.9). */
const largeTextBytes = 2048;

function readLongText(buffer: Buffer, start: number, end: number): string {
	if (end - start >= largeTextBytes && isAscii(buffer.subarray(start, end))) {
		return buffer.toString('latin1', start, end);
	}
	const text = buffer.toString('utf8', start, end);
	// The lenient decoder puts U+FFFD where bytes are wrong. It may also stand in the text itself.
	if (!text.includes('\ufffd') || isUtf8(buffer.subarray(start, end))) return text;
	throw new OrchestraError(
		'malformed_message',
		`the text at byte ${start} of the message is not valid UTF-8`,
	);
}
