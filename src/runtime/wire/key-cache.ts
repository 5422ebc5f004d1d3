import type { Buffer } from 'node:buffer';
import { readText } from './utf8-text.ts';

/** Longer keys are rarely seen again. */
const maxKeyBytes = 32;
const slots = 512;

/**
 * The keys seen last, by a hash of their bytes. The same few keys come in message after message: giving out the text
 * made before spares making it, and the engine from looking it up as a property name.
 */
const texts: string[] = new Array<string>(slots).fill('');

/** Whether the text of a slot was asked for again, and so is worth a place among the property names: 1 where it is. */
const settled = new Uint8Array(slots);

/** The most that {@link trust} rises to. */
const mostTrust = 1024;
/** Cost of a key that is not in the cache. */
const costOfNew = 4;

/** Worth of the cache lately; each key that it knows adds one. */
let trust = mostTrust;

/**
 * The key that stands as UTF-8 in a part of a buffer.
 *
 * @throws OrchestraError `malformed_message` where it is not valid UTF-8
 */
export function readKey(buffer: Buffer, start: number, end: number): string {
	const length = end - start;
	if (length > maxKeyBytes || length === 0) return readText(buffer, start, end);
	// Three bytes and the length tell the keys of a program apart well enough; the comparison below makes sure.
	const first = buffer[start] as number;
	const middle = buffer[start + (length >> 1)] as number;
	const last = buffer[end - 1] as number;
	const slot = (first ^ (middle << 3) ^ (last << 5) ^ (length << 1)) & (slots - 1);
	const known = texts[slot] as string;
	if (known.length === length) {
		let i = 0;
		while (i < length && known.charCodeAt(i) === buffer[start + i]) i++;
		if (i === length) {
			if (trust < mostTrust) trust++;
			return settled[slot] === 1 ? known : settle(slot, known);
		}
	}
	const text = readText(buffer, start, end);
	// A text of as many characters as bytes is ASCII: the comparison above holds for nothing else.
	if (text.length !== length) return text;
	if (trust >= costOfNew) trust -= costOfNew;
	texts[slot] = text;
	settled[slot] = 0;
	return text;
}

/** Keeps a text that came a second time as a property name. A message of a million different keys would pay for each of them twice otherwise. */
function settle(slot: number, text: string): string {
	settled[slot] = 1;
	texts[slot] = asPropertyName(text);
	return texts[slot];
}

/** Whether the names that came lately had mostly been seen before. */
export function namesRepeat(): boolean {
	return trust >= costOfNew;
}

/** The same text as the engine keeps it for property names: any other copy of it is looked up there on each use. */
function asPropertyName(text: string): string {
	return Object.keys({ [text]: 0 })[0] ?? text;
}
