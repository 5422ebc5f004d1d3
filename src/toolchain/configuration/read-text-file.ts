import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { binarySize } from '../binary-size.ts';

/** Reason why a file cannot be used: a predicate that follows its name. */
export class UnusableFile extends Error {
	/** The code of the system's error, where there is one. */
	readonly code: string | undefined;

	constructor(predicate: string, cause?: unknown) {
		super(predicate, cause === undefined ? undefined : { cause });
		this.code = (cause as NodeJS.ErrnoException | undefined)?.code;
	}
}

const reasons: Readonly<Record<string, string>> = {
	ENOENT: 'does not exist',
	ENOTDIR: 'does not exist',
	EACCES: 'may not be read by this user',
	EPERM: 'may not be read by this user',
	ELOOP: 'is a link that leads nowhere',
};

/**
 * Reads a small regular file of UTF-8 text, without a byte order mark. Never waits, as a pipe would make it.
 *
 * @param maxBytes the largest that it may be
 * @throws UnusableFile
 */
export function readTextFile(path: string, maxBytes: number): string {
	let descriptor: number;
	try {
		// Opening a pipe that nobody writes to would wait for ever.
		descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		throw new UnusableFile(reasons[code ?? ''] ?? `cannot be read: ${message}`, error);
	}
	try {
		const stats = fstatSync(descriptor);
		if (stats.isDirectory()) throw new UnusableFile('is a folder');
		if (!stats.isFile()) throw new UnusableFile('is not a regular file');
		const bytes = readUpTo(descriptor, maxBytes + 1);
		if (bytes.length > maxBytes) throw new UnusableFile(`is larger than ${binarySize(maxBytes)}`);
		return decode(bytes);
	} catch (error) {
		if (error instanceof UnusableFile) throw error;
		const { code, message } = error as NodeJS.ErrnoException;
		throw new UnusableFile(reasons[code ?? ''] ?? `cannot be read: ${message}`, error);
	} finally {
		closeSync(descriptor);
	}
}

/** The size that the system tells may be a lie (/proc) or out of date: the bytes are counted as they come. */
function readUpTo(descriptor: number, most: number): Buffer {
	const chunks: Buffer[] = [];
	let length = 0;
	while (length < most) {
		const chunk = Buffer.allocUnsafe(Math.min(65_536, most - length));
		const count = readSync(descriptor, chunk, 0, chunk.length, null);
		if (count === 0) break;
		chunks.push(chunk.subarray(0, count));
		length += count;
	}
	return Buffer.concat(chunks);
}

function decode(bytes: Buffer): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch (error) {
		throw new UnusableFile('is not UTF-8 text', error);
	}
}
