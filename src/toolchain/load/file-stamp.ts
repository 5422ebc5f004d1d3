import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';

/** State of a path at a moment. Two of the same text: the same thing, unless somebody sets clocks back. */
export type Stamp = string;

/** Size, times in milliseconds and inode of a file; `folder` for anything else; empty where there is nothing. */
export function stampOf(path: string): Stamp {
	let stats: ReturnType<typeof statSync>;
	try {
		stats = statSync(path, { throwIfNoEntry: false });
	} catch {
		return ''; // Such as a folder in the path that is a file.
	}
	if (!stats) return '';
	if (!stats.isFile()) return 'folder';
	return `${stats.size} ${stats.mtimeMs} ${stats.ctimeMs} ${stats.ino}`;
}

/** When a stamped file was last changed in any way, in milliseconds. */
export function changedAt(stamp: Stamp): number {
	const [, modified = 0, changed = 0] = stamp.split(' ').map(Number);
	return Math.max(modified, changed) || 0;
}

/** The checksum of a file; empty where there is none. */
export function contentOf(path: string): string {
	try {
		return checksum(readFileSync(path));
	} catch {
		return '';
	}
}

export function checksum(data: string | Uint8Array): string {
	return createHash('sha256').update(data).digest('base64url');
}

/** Path behind all links; empty where they lead nowhere. */
export function realPathOf(path: string): string {
	try {
		return realpathSync.native(path);
	} catch {
		return '';
	}
}
