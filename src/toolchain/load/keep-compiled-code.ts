import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir, privateFolder } from './cache-folder.ts';

/** Files that are kept, at most: each edit of a module leaves one behind, and each version of this program and of Node a hundred. */
const maxFiles = 256;

/**
 * Lets Node keep what its engine compiles of the modules of this process, and take what was kept before: whole runs take a fifth less
 * of the processor (measured on Node 22). What is kept is executed, so it lies in a folder that nobody else can write to, or nowhere.
 *
 * @param enableCompileCache Node's own, of `node:module`
 */
export function keepCompiledCode(enableCompileCache: (folder: string) => unknown): void {
	const cache = cacheDir();
	const folder = cache && privateFolder(join(cache, 'code'));
	if (folder === undefined) return;
	try {
		if (readdirSync(folder, { recursive: true }).length > maxFiles) {
			rmSync(folder, { recursive: true, force: true });
			if (privateFolder(folder) === undefined) return;
		}
	} catch {
		return; // Another process is just making room.
	}
	enableCompileCache(folder);
}
