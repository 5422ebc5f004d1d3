import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The absolute path that a file means: a leading `~` is the home directory, and what is relative starts from the file's folder. */
export function resolvePath(path: string, folder: string): string {
	if (path === '~') return homedir();
	return /^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : resolve(folder, path);
}
