import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it, where they are absent. Node's own recursive mkdir never returns for a path where the
 * system says ENOENT although the folder above is there, as under `/proc`.
 *
 * @param path absolute
 * @param mode the rights of those that are made, as mkdir has them. Default: what the umask leaves of 0777
 * @returns those that were made, the topmost first
 * @throws Error of the file system
 */
export function makeFolders(path: string, mode?: number): string[] {
	const absent: string[] = [];
	for (let folder = path; !isFolder(folder); folder = dirname(folder)) {
		absent.unshift(folder);
		if (dirname(folder) === folder) break;
	}
	return absent.filter((folder) => {
		try {
			mkdirSync(folder, { mode });
			return true;
		} catch (error) {
			// Somebody else made it at the same time.
			if ((error as NodeJS.ErrnoException).code === 'EEXIST' && isFolder(folder)) return false;
			throw error;
		}
	});
}

function isFolder(path: string): boolean {
	try {
		return statSync(path).isDirectory();
	} catch {
		return false;
	}
}
