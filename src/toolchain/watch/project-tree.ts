import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of a project that are watched, at most. */
const maxPaths = 4096;

/** Folders that hold nothing an author writes. */
const left = new Set(['node_modules', 'dist', 'coverage']);

/**
 * The folder of a project with all files and folders in it, but for packages, what was built, and what begins with a dot: what may
 * matter where nobody can tell what does, as with a source that does not compile.
 */
export function projectTree(folder: string): string[] {
	const paths = [folder];
	const walk = (at: string) => {
		for (const entry of entriesOf(at)) {
			if (paths.length >= maxPaths) return;
			if (entry.name.startsWith('.') || left.has(entry.name)) continue;
			const path = join(at, entry.name);
			paths.push(path);
			if (entry.isDirectory()) walk(path);
		}
	};
	walk(folder);
	return paths;
}

function entriesOf(folder: string): Dirent[] {
	try {
		return readdirSync(folder, { withFileTypes: true });
	} catch {
		return []; // Gone meanwhile, or not ours to read.
	}
}
