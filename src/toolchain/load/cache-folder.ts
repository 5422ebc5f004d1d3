import { lstatSync, realpathSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { makeFolders } from '../../runtime/platform/make-folders.ts';

/**
 * Folder of compiled plugins: `$ORCHESTRA_CACHE_DIR`, else `orchestra` under `$XDG_CACHE_HOME` or ~/.cache; undefined for a
 * user without a home.
 */
export function cacheDir(): string | undefined {
	const { ORCHESTRA_CACHE_DIR, XDG_CACHE_HOME } = process.env;
	if (ORCHESTRA_CACHE_DIR) return ORCHESTRA_CACHE_DIR;
	const base = XDG_CACHE_HOME || join(home() ?? '', '.cache');
	return XDG_CACHE_HOME || home() ? join(base, 'orchestra') : undefined;
}

function home(): string | undefined {
	try {
		return homedir() || undefined;
	} catch {
		return undefined; // No HOME and no entry in the list of users.
	}
}

/**
 * The real path of a folder that nobody but this user can put files into, made where it is absent; undefined where there can be
 * none. What lies in it is executed, so the folder has to be ours alone, and every folder above it belong to us or to the system
 * and not be open to others, unless its sticky bit keeps them from renaming what is not theirs.
 */
export function privateFolder(path: string): string | undefined {
	try {
		makeFolders(resolve(path), 0o700);
	} catch {
		return undefined;
	}
	return ownFolder(path);
}

/** The same for a folder that is there; undefined where it is not. */
export function ownFolder(path: string): string | undefined {
	try {
		const real = realpathSync(path);
		return process.platform !== 'win32' && !isPrivate(real) ? undefined : real;
	} catch {
		return undefined;
	}
}

function isPrivate(path: string): boolean {
	const user = process.getuid?.();
	const own = lstatSync(path);
	if (!own.isDirectory() || own.uid !== user || (own.mode & 0o022) !== 0) return false;
	for (let folder = dirname(path); ; folder = dirname(folder)) {
		const stats = lstatSync(folder);
		if (stats.uid !== user && stats.uid !== 0) return false;
		if (isOpen(stats) && (stats.mode & 0o1000) === 0) return false;
		if (folder === dirname(folder)) return true;
	}
}

/** Whether others than the owner may write. A group that has the owner's own number is one of his alone, by convention. */
function isOpen({ mode, uid, gid }: Stats): boolean {
	return (mode & (gid === uid ? 0o002 : 0o022)) !== 0;
}
