import { createReadStream } from 'node:fs';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

/** Bytes of a file or of stdin that can become an argument: no message can be larger. Source: wire/limits.ts. */
const maxInputBytes = 16 * 1024 * 1024;

/** Errors of the file system, in words. */
const reasons: Readonly<Record<string, string>> = {
	ENOENT: 'there is no such file',
	EISDIR: 'it is a folder',
	EACCES: 'this user may not read it',
	ENOTDIR: 'a part of its path is a file',
};

/**
 * The text of a file, or of standard input where its name is `-`. Both are read as streams, so that a pipe whose writer is slow,
 * or that another program made non-blocking, is read like any other.
 *
 * @param mark whether a byte order mark is part of the text
 * @throws OrchestraError `usage` where it cannot be read, is too large, or is no text in UTF-8
 */
export async function readTextFrom(name: string, mark: boolean): Promise<string> {
	const shown = name === '-' ? 'standard input' : name;
	const bytes = await readBytes(name, shown);
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: mark }).decode(bytes);
	} catch (error) {
		throw new OrchestraError('usage', `${shown} is no text in UTF-8`, {
			hint: 'Convert it to UTF-8, or to base 64 where it is no text.',
			cause: error,
		});
	}
}

/** The bytes of a file, or of standard input where its name is `-`. @throws OrchestraError `usage` */
export function readBytesFrom(name: string): Promise<Buffer> {
	return readBytes(name, name === '-' ? 'standard input' : name);
}

async function readBytes(name: string, shown: string): Promise<Buffer> {
	const parts: Buffer[] = [];
	let bytes = 0;
	const stream = name === '-' ? process.stdin : createReadStream(name);
	try {
		for await (const part of stream) {
			const piece = Buffer.from(part as Uint8Array);
			bytes += piece.length;
			if (bytes > maxInputBytes) break;
			parts.push(piece);
		}
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		const why = reasons[code ?? ''] ?? message;
		throw new OrchestraError('usage', `cannot read ${shown}: ${why}`, {
			hint: 'Name a file that exists and can be read.',
			cause: error,
		});
	}
	if (bytes > maxInputBytes) {
		throw new OrchestraError('usage', `${shown} is larger than 16 MiB`, {
			hint: 'No message can be larger than that.',
		});
	}
	return Buffer.concat(parts);
}
