import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { shellWord } from './shell-word.ts';
import { systemErrorCode } from './system-error-code.ts';

// A certificate is under 2 KiB, and a chain or a CA bundle a few of them.
const maxPemBytes = 256 * 1024;

/**
 * Reads a PEM file.
 *
 * @param secret that it holds a private key, which nobody but its owner may read
 * @param maxBytes of a file that is read; 256 KiB by default
 * @returns its text, or undefined where there is no such file
 * @throws OrchestraError `certificate_invalid` for what is no readable file of a sane size, `key_exposed`
 */
export async function readPemFile(
	path: string,
	secret: boolean,
	maxBytes: number = maxPemBytes,
): Promise<string | undefined> {
	let file: FileHandle | undefined;
	try {
		// Without O_NONBLOCK, opening a named pipe waits for ever. The checks are on the open file: nobody can swap it after them.
		file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
		const found = await file.stat();
		if (!found.isFile()) throw new Error('it is not a file');
		if (found.size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
		const text = await file.readFile('utf8');
		// What is no PEM file has no key that anybody could read.
		const exposes = secret && text.includes('-----BEGIN ') && (found.mode & 0o077) !== 0;
		if (exposes && process.platform !== 'win32') throw exposed(path, found.mode);
		return text;
	} catch (error) {
		if (error instanceof OrchestraError) throw error;
		if (systemErrorCode(error) === 'ENOENT') return undefined;
		const reason = error instanceof Error ? error.message : String(error);
		throw new OrchestraError('certificate_invalid', `${path} cannot be read: ${reason}`, {
			hint: 'Check what it is and who owns it.',
			details: { path },
			cause: error,
		});
	} finally {
		await file?.close();
	}
}

function exposed(path: string, mode: number): OrchestraError {
	const octal = (mode & 0o777).toString(8).padStart(4, '0');
	return new OrchestraError(
		'key_exposed',
		`others can read or change the private key ${path} (mode ${octal})`,
		{
			hint: `Run: chmod 600 ${shellWord(path)}. If others may have read it, issue a new one.`,
			details: { path, mode: octal },
		},
	);
}
