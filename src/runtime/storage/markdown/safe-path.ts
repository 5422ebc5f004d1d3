import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { assertEntryPath, invalidPath } from '../entry-path.ts';

/** Behind the name of a file that holds the version of the one beside it. */
export const versionSuffix = '.version';

/** In front of the name of a file that is being written. */
export const temporaryPrefix = '.orchestra-new-';

/**
 * The file of an entry, below a folder: by its name alone.
 *
 * @throws ToolError `invalid_path` for what would lead out of the folder, or to a file of the storage's own
 */
export function fileOf(folder: string, path: string): string {
	assertEntryPath(path);
	if (path.endsWith(versionSuffix))
		throw invalidPath(path, `ends with ${versionSuffix}, as files with versions do`);
	const parts = path.split('/');
	if (parts.some((part) => part.startsWith(temporaryPrefix)))
		throw invalidPath(path, `has a part that begins with ${temporaryPrefix}`);
	return join(folder, ...parts);
}

/**
 * Makes sure that no link leads out of the folder, or stands where the file is.
 *
 * @param folder its real path
 * @throws ToolError `invalid_path`
 */
export async function assertInside(folder: string, file: string, path: string): Promise<void> {
	for (let place = dirname(file); place.length >= folder.length; place = dirname(place)) {
		const real = await realpath(place).catch(() => undefined);
		if (real === undefined) continue;
		if (real !== place && !real.startsWith(folder + sep))
			throw invalidPath(path, 'leads out of the folder by a link');
		break;
	}
	const stats = await lstat(file).catch(() => undefined);
	if (stats && !stats.isFile()) throw invalidPath(path, 'is a link or a folder');
}
