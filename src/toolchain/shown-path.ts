import { relative } from 'node:path';

/** A path as it is shown: what is below the working directory as people there would write it, anything else whole. */
export function shownPath(path: string, cwd = process.cwd()): string {
	const below = relative(cwd, path);
	return below === '' || below.startsWith('..') ? path : below;
}
