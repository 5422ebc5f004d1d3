import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { certsDirError } from './open-certs-dir.ts';
import { systemErrorCode } from './system-error-code.ts';

// A holder that died is noticed after staleMs, so waiting has to take longer than that.
const staleMs = 10_000;
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
	const release = await acquire(dir, limitMs);
	let result: T;
	try {
		result = await work();
	} catch (error) {
		// What went wrong in the work is the news; a lock that stays behind goes stale by itself.
		await release().catch(() => undefined);
		throw error;
	}
	await releaseLock(dir, release);
	return result;
}

/** Waits until nobody holds the lock, up to 20 s, and returns in any case: the caller reads again and judges what it finds. */
export async function untilUnlocked(dir: string): Promise<void> {
	const { check } = await import('proper-lockfile');
	const end = Date.now() + waitMs;
	try {
		while (Date.now() < end && (await check(dir, lockOptions(dir)))) await delay(pollMs);
	} catch (error) {
		throw certsDirError(dir, error);
	}
}

async function acquire(dir: string, limitMs: number): Promise<() => Promise<void>> {
	const { lock } = await import('proper-lockfile');
	const end = Date.now() + limitMs;
	for (;;) {
		try {
			// Being overtaken, see above, would end the process by default.
			return await lock(dir, { ...lockOptions(dir), onCompromised: () => undefined });
		} catch (error) {
			// Its own retries would also repeat what cannot succeed, such as a directory that is read-only.
			if (systemErrorCode(error) !== 'ELOCKED') throw certsDirError(dir, error);
			if (Date.now() >= end) throw busy(dir, error);
		}
		await delay(pollMs * (0.5 + Math.random()));
	}
}

async function releaseLock(dir: string, release: () => Promise<void>): Promise<void> {
	try {
		await release();
	} catch (error) {
		// Another process took the lock over: it is not ours to remove.
		if (systemErrorCode(error) !== 'ERELEASED') throw certsDirError(dir, error);
	}
}

function busy(dir: string, cause: unknown): OrchestraError {
	return new OrchestraError('certs_dir_unusable', `another process is busy with the certificates in ${dir}`, {
		hint: `Try again. If nothing uses it, remove ${join(dir, '.lock')}.`,
		details: { path: dir },
		retryable: true,
		cause,
	});
}

function lockOptions(dir: string) {
	return { lockfilePath: join(dir, '.lock'), realpath: false, stale: staleMs };
}
