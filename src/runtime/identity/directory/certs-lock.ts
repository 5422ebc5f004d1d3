import { randomBytes } from 'node:crypto';
import { lstatSync, lutimesSync, mkdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import {
	type CertsDirectory,
	certsDirError,
	type LockedCertsDirectory,
	systemErrorCode,
} from './certs-directory.ts';

// A holder that died is noticed after 10 s (staleMs), so waiting has to take longer than that.
const waitMs = 20_000;
const pollMs = 50;

/**
 * Runs work while no other process (and no other caller in this one) changes the certificates in a directory.
 *
 * The lock keeps writers from wasting work and readers from half a replacement. A holder that is suspended for more than 10 s
 * is overtaken, which is harmless: files are created exclusively, and a renewal replaces the certificate only. Two replacements
 * of one name that overlap so may leave a pair that does not match; loading it says so, and a third one mends it.
 *
 * @param limitMs how long to wait for the lock, in milliseconds, 20 s by default
 * @throws OrchestraError `certs_dir_unusable`, retryable where somebody holds the lock
 */
export async function withCertsLock<T>(
	dir: CertsDirectory,
	work: (locked: LockedCertsDirectory) => Promise<T>,
	limitMs = waitMs,
): Promise<T> {
	const lock = await acquire(dir, limitMs);
	let result: T;
	try {
		result = await work(dir as LockedCertsDirectory);
	} catch (error) {
		// An error in the work is the news; a lock that stays behind goes stale by itself.
		try {
			lock.release();
		} catch {}
		throw error;
	}
	try {
		lock.release();
	} catch (error) {
		throw certsDirError(dir, error);
	}
	return result;
}

/** Waits until nobody holds the lock, up to 20 s, and returns in any case: the caller reads again and judges what it finds. */
export async function untilUnlocked(dir: CertsDirectory): Promise<void> {
	const end = Date.now() + waitMs;
	try {
		while (Date.now() < end && isLocked(lockPath(dir))) await delay(pollMs);
	} catch (error) {
		throw certsDirError(dir, error);
	}
}

async function acquire(dir: CertsDirectory, limitMs: number): Promise<FolderLock> {
	const end = Date.now() + limitMs;
	for (;;) {
		let lock: FolderLock | undefined;
		try {
			lock = tryLock(lockPath(dir));
		} catch (error) {
			throw certsDirError(dir, error);
		}
		if (lock) return lock;
		if (Date.now() >= end) throw busy(dir);
		await delay(pollMs * (0.5 + Math.random()));
	}
}

function busy(dir: string): OrchestraError {
	return new OrchestraError('certs_dir_unusable', `another process is busy with the certificates in ${dir}`, {
		hint: `Try again. If nothing uses it, remove ${lockPath(dir)}.`,
		details: { path: dir },
		retryable: true,
	});
}

function lockPath(dir: string): string {
	return join(dir, '.lock');
}

// A lock is a folder: making one fails where it is there, on every file system. Its holder keeps its time new, so one whose holder
// died is told by its age. No signal handler is installed: those of lock libraries end the process when the program's own one
// has taken itself off. A link in its place is somebody else's, and is never followed.
//
// The toolchain's lock (file-lock.ts) names its holder, and is taken over at once where that process has died. This one cannot do so: a directory of
// certificates is mounted into containers, where the number of a process means another one, also where they share the name of the host.
// Only a time that goes on is true for all of them. Besides, versions that run already make a folder here.

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
	const taken = lstatSync(aside);
	if (taken.ino !== stale.ino && made(path)) {
		rmdirSync(path);
		renameSync(aside, path);
		return false;
	}
	if (taken.isDirectory()) rmdirSync(aside);
	else unlinkSync(aside);
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
