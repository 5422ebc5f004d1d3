import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryPrefix } from './safe-path.ts';

/** Puts bytes in the place of a file: all of them or none, whatever ends the process. Its folders are made. */
export async function replaceFile(file: string, bytes: Uint8Array | string): Promise<void> {
	const folder = dirname(file);
	await mkdir(folder, { recursive: true });
	const temporary = join(folder, `${temporaryPrefix}${randomBytes(8).toString('hex')}`);
	try {
		const handle = await open(temporary, 'wx', 0o644);
		try {
			await handle.writeFile(bytes);
			await handle.sync();
		} finally {
			await handle.close();
		}
		await rename(temporary, file);
	} catch (error) {
		await rm(temporary, { force: true }).catch(() => {});
		throw error;
	}
	await syncFolder(folder);
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
