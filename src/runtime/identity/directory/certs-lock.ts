import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { type FolderLock, isLocked, tryLock } from './lock-folder.ts';
import { certsDirError } from './open-certs-dir.ts';

// A holder that died is noticed after 10 s (lock-folder.ts), so waiting has to take longer than that.
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
export async function withCertsLock<T>(dir: string, work: () => Promise<T>, limitMs = waitMs): Promise<T> {
	const lock = await acquire(dir, limitMs);
	let result: T;
	try {
		result = await work();
	} catch (error) {
		// What went wrong in the work is the news; a lock that stays behind goes stale by itself.
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
export async function untilUnlocked(dir: string): Promise<void> {
	const end = Date.now() + waitMs;
	try {
		while (Date.now() < end && isLocked(lockPath(dir))) await delay(pollMs);
	} catch (error) {
		throw certsDirError(dir, error);
	}
}

async function acquire(dir: string, limitMs: number): Promise<FolderLock> {
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
