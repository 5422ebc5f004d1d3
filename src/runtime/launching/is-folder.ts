import { stat } from 'node:fs/promises';

/** Whether there is a folder at a path, or at the end of a link there. */
export function isFolder(path: string): Promise<boolean> {
	return stat(path).then(
		(found) => found.isDirectory(),
		() => false,
	);
}
