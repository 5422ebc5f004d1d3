import { statSync } from 'node:fs';

/**
 * State of a path at a moment: size, times and inode of a file, inode and time of a folder (which changes with what is in it), empty
 * where there is nothing.
 */
export function pathStamp(path: string): string {
	try {
		const stats = statSync(path, { throwIfNoEntry: false });
		if (!stats) return '';
		if (stats.isDirectory()) return `folder ${stats.ino} ${stats.mtimeMs}`;
		return `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}`;
	} catch {
		return ''; // Such as a folder in the path that is a file.
	}
}

/** Whether a stamp is one of nothing, or of a file with nothing in it. */
export function isBare(stamp: string): boolean {
	return stamp === '' || stamp.startsWith('0 ');
}

/** When a stamped file was last changed in any way, in milliseconds; 0 for what is no file. */
export function stampedAt(stamp: string): number {
	if (stamp === '' || stamp.startsWith('folder')) return 0;
	const [, modified = 0, changed = 0] = stamp.split(' ').map(Number);
	return Math.max(modified, changed) || 0;
}
