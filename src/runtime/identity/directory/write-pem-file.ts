import { randomBytes } from 'node:crypto';
import { link, lstat, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { systemErrorCode } from './system-error-code.ts';

/**
 * Writes a new file, mode 0600, whole or not at all. Never replaces one.
 *
 * @returns false where a file of that name is there already
 */
export async function createPemFile(path: string, text: string): Promise<boolean> {
	const temporary = await writeTemporary(path, text);
	try {
		await publishNew(temporary, path);
	} catch (error) {
		if (systemErrorCode(error) === 'EEXIST') return false;
		throw error;
	} finally {
		await unlinkIfThere(temporary);
	}
	await syncDirectory(path);
	return true;
}

/** Writes a file, mode 0600, whole or not at all, in place of the one of that name. A symbolic link is replaced, not followed. */
export async function replacePemFile(path: string, text: string): Promise<void> {
	const temporary = await writeTemporary(path, text);
	try {
		await rename(temporary, path);
	} finally {
		await unlinkIfThere(temporary);
	}
	await syncDirectory(path);
}

/** Removes a file that may be absent. */
export async function unlinkIfThere(path: string): Promise<void> {
	try {
		await unlink(path);
	} catch (error) {
		if (systemErrorCode(error) !== 'ENOENT') throw error;
	}
}

/** In the same directory, since a rename is atomic only within one file system. */
async function writeTemporary(path: string, text: string): Promise<string> {
	const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
	const file = await open(temporary, 'wx', 0o600);
	try {
		await file.writeFile(text);
		await file.sync();
	} catch (error) {
		// Half of it, as where the disk is full.
		await unlinkIfThere(temporary);
		throw error;
	} finally {
		await file.close();
	}
	return temporary;
}

/** A hard link, because unlike a rename it fails where the name is taken. */
async function publishNew(temporary: string, path: string): Promise<void> {
	try {
		await link(temporary, path);
	} catch (error) {
		// File systems without hard links. The lock that the caller holds has to do.
		if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemErrorCode(error) ?? ''))
			throw error;
		if (await isThere(path))
			throw Object.assign(new Error(`${path} exists`), { code: 'EEXIST', cause: error });
		await rename(temporary, path);
	}
}

/** Whether anything has that name, be it a link that leads nowhere. */
export async function isThere(path: string): Promise<boolean> {
	try {
		await lstat(path);
		return true;
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') return false;
		throw error;
	}
}

/** Makes the new name itself survive a power cut. Windows cannot open a directory, and needs no such step. */
async function syncDirectory(path: string): Promise<void> {
	if (process.platform === 'win32') return;
	const directory = await open(dirname(path), 'r');
	try {
		await directory.sync();
	} catch (error) {
		// Some network file systems have no such operation; the file itself is synced.
		if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(systemErrorCode(error) ?? '')) throw error;
	} finally {
		await directory.close();
	}
}
