import type { Buffer } from 'node:buffer';

/** Digits of the largest array index. */
export const maxIndexDigits = 10;

/** One more than the largest array index. */
export const indices = 2 ** 32 - 1;

/** The array index whose digits stand in a part of a buffer, as JavaScript writes them; -1 where there is something else. */
export function readIndex(buffer: Buffer, start: number, end: number): number {
	const first = buffer[start] as number;
	if (start >= end || first > nine || first < zero) return -1;
	if (first === zero) return end - start === 1 ? 0 : -1;
	let index = first - zero;
	for (let at = start + 1; at < end; at++) {
		const digit = (buffer[at] as number) - zero;
		if (digit < 0 || digit > 9) return -1;
		index = index * 10 + digit;
	}
	return index < indices ? index : -1;
}

const zero = 0x30;
const nine = 0x39;
