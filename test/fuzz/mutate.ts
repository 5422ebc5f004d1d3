import type { Random } from './random.ts';

/** Bytes that are special in many formats. */
const special = [0, 1, 0x0a, 0x20, 0x7f, 0x80, 0xc0, 0xff];

/** Makes an input out of others: one of the corpus, changed at one to eight places. */
export function mutate(
	random: Random,
	corpus: readonly Uint8Array[],
	dictionary: readonly Uint8Array[],
	maxBytes: number,
): Uint8Array {
	let bytes: Buffer = Buffer.from(random.pick(corpus));
	const changes = 1 + random.below(random.below(4) === 0 ? 8 : 3);
	for (let i = 0; i < changes; i++) bytes = change(random, bytes, corpus, dictionary);
	return bytes.subarray(0, maxBytes);
}

function change(
	random: Random,
	bytes: Buffer,
	corpus: readonly Uint8Array[],
	dictionary: readonly Uint8Array[],
): Buffer {
	const at = random.below(bytes.length + 1);
	const span = 1 + random.below(Math.min(64, bytes.length + 1));
	switch (random.below(dictionary.length > 0 ? 11 : 10)) {
		case 0:
			return set(bytes, at, (old) => old ^ (1 << random.below(8)));
		case 1:
			return set(bytes, at, () => random.pick(special));
		case 2:
			return set(bytes, at, () => random.below(256));
		case 3:
			return set(bytes, at, (old) => old + random.below(17) - 8);
		case 4:
			return splice(bytes, at, span, noBytes);
		case 5:
			return splice(bytes, at, 0, randomBytes(random, span));
		case 6:
			return splice(bytes, at, 0, bytes.subarray(at, at + span));
		case 7:
			return bytes.subarray(0, at);
		case 8: {
			const other = random.pick(corpus);
			return Buffer.concat([bytes.subarray(0, at), other.subarray(random.below(other.length + 1))]);
		}
		case 9: {
			const number = Buffer.alloc(4);
			number.writeUInt32BE(random.pick([0, 1, 0xff, 0xffff, 0x01000000, 0x01000001, 0x7fffffff, 0xffffffff]));
			return splice(bytes, at, random.below(2) * 4, number);
		}
		default:
			return splice(bytes, at, random.below(2) * span, random.pick(dictionary));
	}
}

const noBytes = Buffer.alloc(0);

function set(bytes: Buffer, at: number, value: (old: number) => number): Buffer {
	if (at < bytes.length) bytes[at] = value(bytes[at] as number);
	return bytes;
}

function splice(bytes: Buffer, at: number, remove: number, insert: Uint8Array): Buffer {
	return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
}

function randomBytes(random: Random, length: number): Buffer {
	const bytes = Buffer.alloc(length);
	for (let i = 0; i < length; i++) bytes[i] = random.below(256);
	return bytes;
}
