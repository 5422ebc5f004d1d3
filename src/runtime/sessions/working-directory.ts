import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, resolve } from 'node:path';

/**
 * The folder that a session works in: the one that was asked for, else the nearest folder above it that exists, else the one for
 * temporary files; with a warning where it is another.
 */
export function workingDirectory(asked: string | undefined): { path: string; warning?: string } {
	if (!asked) return { path: process.cwd() };
	const wanted = isAbsolute(asked) ? asked : resolve(asked);
	for (let path = wanted; ; path = dirname(path)) {
		// The root is above everything, and is nothing that anybody meant.
		const path2 = dirname(path) === path && path !== wanted ? tmpdir() : path;
		if (isFolder(path2)) {
			return path2 === wanted
				? { path: path2 }
				: { path: path2, warning: `the working directory ${wanted} is not there: ${path2} is used` };
		}
		if (dirname(path) === path) return { path: tmpdir(), warning: `there is no folder ${wanted}` };
	}
}

function isFolder(path: string): boolean {
	try {
		return statSync(path).isDirectory();
	} catch {
		return false;
	}
}
