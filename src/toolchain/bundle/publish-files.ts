import { randomBytes } from 'node:crypto';
import { chmodSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { makeFolders } from '../make-folders.ts';

/** A file to be written. */
export interface OutputFile {
	readonly name: string;
	readonly content: string | Uint8Array;
	readonly executable?: boolean;
}

/**
 * Writes files into a folder, making it where it is missing. All of them are written aside, in the same folder and so on the
 * same disk, and then renamed in the order given: until all are written, what was there stays as it was, and each file is
 * whole at every moment.
 *
 * @throws OrchestraError `usage` where the folder cannot be written
 */
export function publishFiles(dir: string, files: readonly OutputFile[]): void {
	const scratch: string[] = [];
	try {
		makeFolders(dir);
		for (const { name, content, executable } of files) {
			const path = join(dir, `.${name}.${randomBytes(8).toString('hex')}.tmp`);
			scratch.push(path);
			// A name that nobody can know beforehand, and never what is there already, be it a link that leads elsewhere.
			writeFileSync(path, content, { flag: 'wx' });
			if (executable) chmodSync(path, statSync(path).mode | 0o111);
		}
		for (const [index, { name }] of files.entries()) renameSync(scratch[index] ?? '', join(dir, name));
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		const why = code === 'EEXIST' || code === 'ENOTDIR' ? 'a part of that path is a file' : message;
		throw new OrchestraError('usage', `${dir} cannot be written: ${why}`, {
			hint: 'Choose another folder with --out.',
			details: { dir },
			cause: error,
		});
	} finally {
		for (const path of scratch) rmSync(path, { force: true });
	}
}
