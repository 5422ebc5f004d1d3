import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryPrefix } from './safe-path.ts';

/** A file that is written beside another, in whose place it may be put. */
export interface StagedFile {
	/** Puts it in the place of the other: it is there whole, whatever ends the process. */
	commit(): Promise<void>;
	/** Removes it; harmless where it was put in its place. Never rejects. */
	discard(): Promise<void>;
}

/**
 * Writes what is to replace a file beside it, onto the disk. The folders of the file are made.
 *
 * @throws Error of the file system; nothing is left behind then
 */
export async function stageFile(file: string, bytes: Uint8Array | string): Promise<StagedFile> {
	const folder = dirname(file);
	await mkdir(folder, { recursive: true });
	const temporary = join(folder, `${temporaryPrefix}${randomBytes(8).toString('hex')}`);
	const discard = () => rm(temporary, { force: true }).catch(() => {});
	try {
		const handle = await open(temporary, 'wx', 0o644);
		try {
			await handle.writeFile(bytes);
			await handle.sync();
		} finally {
			await handle.close();
		}
	} catch (error) {
		await discard();
		throw error;
	}
	return {
		async commit() {
			await rename(temporary, file);
			await syncFolder(folder);
		},
		discard,
	};
}

/** Makes sure that a new name is on the disk. Not every system can: then it is as safe as the system makes it. */
async function syncFolder(folder: string): Promise<void> {
	const handle = await open(folder, 'r').catch(() => undefined);
	try {
		await handle?.sync();
	} catch {
		// Windows, and some network file systems.
	} finally {
		await handle?.close();
	}
}
