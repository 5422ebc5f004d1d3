import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Replaces a file, or makes it, whole or not at all: it is written aside, synced and renamed.
 *
 * @param beforeSwitch called when all is on disk; what it throws leaves the old file
 * @throws Error of the file system
 */
export function replaceFile(path: string, text: string, beforeSwitch?: () => void): void {
	const scratch = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
	try {
		const file = openSync(scratch, 'wx', 0o644);
		try {
			const bytes = Buffer.from(text);
			for (let offset = 0; offset < bytes.length; ) offset += writeSync(file, bytes, offset);
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
		beforeSwitch?.();
		renameSync(scratch, path);
	} finally {
		rmSync(scratch, { force: true });
	}
	syncFolder(dirname(path));
}

/** Makes new names in a folder survive a power cut. Windows cannot open a folder, and some file systems have no such operation. */
export function syncFolder(path: string): void {
	if (process.platform === 'win32') return;
	const folder = openSync(path, 'r');
	try {
		fsyncSync(folder);
	} catch (error) {
		if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? ''))
			throw error;
	} finally {
		closeSync(folder);
	}
}
