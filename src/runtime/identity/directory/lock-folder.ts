import { randomBytes } from 'node:crypto';
import { lstatSync, lutimesSync, mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { systemErrorCode } from './system-error-code.ts';

// A lock is a folder: making one fails where it is there, on every file system. Its holder keeps its time new, so one whose holder
// died is told by its age. No signal handler is installed: those of lock libraries end the process when the program's own one
// has taken itself off. A link in its place is somebody else's, and is never followed.

/** Milliseconds after which a lock whose time nobody renewed is nobody's. */
const staleMs = 10_000;

/** Milliseconds between renewals of its time: a holder may miss two. */
const renewMs = 2_500;

/** A lock that is held. */
export interface FolderLock {
	/** Gives it back. Nothing happens where it was taken over meanwhile. @throws Error of the file system */
	release(): void;
}

/**
 * Takes the lock of that path, if nobody holds it. It is given back when this process exits, at the latest.
 *
 * @returns undefined where somebody holds it
 * @throws Error of the file system
 */
export function tryLock(path: string): FolderLock | undefined {
	if (!made(path) && !(takeOver(path) && made(path))) return undefined;
	const { ino } = lstatSync(path);
	const timer = setInterval(() => renew(path, ino), renewMs);
	timer.unref();
	const giveBack = () => removeOwn(path, ino);
	const onExit = () => {
		try {
			giveBack();
		} catch {
			// It goes stale by itself.
		}
	};
	process.once('exit', onExit);
	return {
		release() {
			clearInterval(timer);
			process.off('exit', onExit);
			giveBack();
		},
	};
}

/** Whether somebody holds the lock of that path. @throws Error of the file system */
export function isLocked(path: string): boolean {
	const stats = lstatSync(path, { throwIfNoEntry: false });
	return stats !== undefined && !isStale(stats.mtimeMs);
}

function made(path: string): boolean {
	try {
		mkdirSync(path, { mode: 0o700 });
		return true;
	} catch (error) {
		if (systemErrorCode(error) !== 'EEXIST') throw error;
		return false;
	}
}

function isStale(mtimeMs: number): boolean {
	return mtimeMs + staleMs < Date.now();
}

/** Removes a lock that is nobody's. Moving it aside first lets one of several win: the others find nothing, or another lock. */
function takeOver(path: string): boolean {
	const stale = lstatSync(path, { throwIfNoEntry: false });
	if (!stale) return true;
	if (!isStale(stale.mtimeMs)) return false;
	const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
	try {
		renameSync(path, aside);
	} catch (error) {
		if (systemErrorCode(error) === 'ENOENT') return true;
		throw error;
	}
	// Somebody was faster, and this is his: he gets it back, unless a third one has it by now.
	if (lstatSync(aside).ino !== stale.ino && made(path)) {
		rmdirSync(path);
		renameSync(aside, path);
		return false;
	}
	rmdirSync(aside);
	return true;
}

function renew(path: string, ino: number): void {
	try {
		if (lstatSync(path).ino !== ino) return;
		const now = new Date();
		lutimesSync(path, now, now);
	} catch {
		// Taken over, or removed: release() finds out.
	}
}

function removeOwn(path: string, ino: number): void {
	const stats = lstatSync(path, { throwIfNoEntry: false });
	if (stats?.ino === ino) rmdirSync(path);
}
