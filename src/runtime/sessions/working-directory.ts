import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { isFolder } from '../launching/is-folder.ts';

/**
 * The folder that a session works in: the one that was asked for, else the nearest folder above it that exists, else the one for
 * temporary files; with a warning where it is another.
 */
export async function workingDirectory(
	asked: string | undefined,
): Promise<{ path: string; warning?: string }> {
	const wanted = resolve(asked ?? '');
	const last = tmpdir();
	let path = wanted;
	// The root is above everything, and is nothing that anybody meant.
	while (path !== last && !(await isFolder(path))) path = isRoot(dirname(path)) ? last : dirname(path);
	if (path === wanted) return { path };
	return { path, warning: `the working directory ${wanted} is not there: ${path} is used` };
}

function isRoot(path: string): boolean {
	return dirname(path) === path;
}
