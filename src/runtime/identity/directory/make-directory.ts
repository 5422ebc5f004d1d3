import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from './system-error-code.ts';

/**
 * Makes a directory and those above it, mode 0700, where they are absent. Node's own recursive `mkdir` never returns for a
 * path where the system says ENOENT although the directory above is there, as under `/proc`.
 *
 * @throws Error of the file system
 */
export async function makeDirectory(path: string): Promise<void> {
	if ((await tryToMake(path)) !== 'ENOENT') return;
	const above = dirname(path);
	if (above !== path) await makeDirectory(above);
	if ((await tryToMake(path)) === 'ENOENT') throw new Error(`${path} cannot be created`);
}

/** Returns ENOENT; throws what is neither that nor EEXIST. */
async function tryToMake(path: string): Promise<'ENOENT' | undefined> {
	try {
		await mkdir(path, { mode: 0o700 });
	} catch (error) {
		const code = systemErrorCode(error);
		if (code === 'ENOENT') return code;
		if (code !== 'EEXIST') throw error;
	}
	return undefined;
}
