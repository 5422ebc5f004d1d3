import { randomBytes } from 'node:crypto';
import {
	closeSync,
	fsyncSync,
	openSync,
	readdirSync,
	renameSync,
	rmSync,
	statSync,
	writeSync,
} from 'node:fs';
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

/**
 * Removes what processes that were killed in {@link replaceFile} left beside a file.
 *
 * @param olderThanMs milliseconds since it was written last; 0 only where nobody else can be writing now
 */
export function removeLeftovers(path: string, olderThanMs: number): void {
	const folder = dirname(path);
	const prefix = `.${basename(path)}.`;
	for (const name of readdirSync(folder)) {
		if (!name.startsWith(prefix) || !/^[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length))) continue;
		const scratch = join(folder, name);
		const stats = statSync(scratch, { throwIfNoEntry: false });
		if (stats && Date.now() - stats.mtimeMs >= olderThanMs) rmSync(scratch, { force: true });
	}
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
