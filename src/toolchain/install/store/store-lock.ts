import { randomBytes } from 'node:crypto';
import {
	linkSync,
	readdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { fileFailure } from './file-failure.ts';
import type { PluginStore } from './plugin-store.ts';

// The holder says every refreshMs that it lives. Work under the lock takes far less: files are fetched and made before.
const refreshMs = 2_000;
const staleMs = 15_000;
const waitMs = 30_000;
const pollMs = 25;

/** Who holds the lock. */
interface Holder {
	readonly pid: number;
	readonly host: string;
	/** Tells one holding from the next. */
	readonly token: string;
}

/**
 * Runs work while no other process of ours, and no other caller here, changes what is installed. A lock whose holder has died is taken
 * over. It installs no signal handler: where the process exits, the lock goes with it; where it is killed, it goes stale.
 *
 * The lock keeps writers from wasting work. That nothing is lost holds without it: files are replaced by a rename, and the registry is
 * compared with what was read right before that.
 *
 * @throws OrchestraError `registry_unusable`, retryable, where another process holds it for 30 s; `cancelled` when the signal aborts
 */
export async function withStoreLock<T>(
	store: PluginStore,
	work: () => T | Promise<T>,
	signal?: AbortSignal,
): Promise<T> {
	const path = join(store.dir, '.lock');
	const holder: Holder = { pid: process.pid, host: hostname(), token: randomBytes(8).toString('hex') };
	await acquire(path, holder, signal);
	const release = () => {
		if (readHolder(path)?.token === holder.token) rmSync(path, { force: true });
	};
	process.once('exit', release);
	const timer = setInterval(() => touch(path), refreshMs);
	timer.unref();
	try {
		return await work();
	} finally {
		clearInterval(timer);
		process.off('exit', release);
		release();
	}
}

async function acquire(path: string, holder: Holder, signal: AbortSignal | undefined): Promise<void> {
	const end = Date.now() + waitMs;
	const scratch = `${path}.${holder.token}`;
	try {
		for (;;) {
			if (signal?.aborted) throw new OrchestraError('cancelled', 'nothing was changed');
			if (create(path, scratch, holder)) return;
			if (isStale(path)) takeAway(path, `${scratch}.old`);
			else if (Date.now() >= end) {
				throw new OrchestraError('registry_unusable', `another process is installing plugins (${path})`, {
					hint: `Try again. If nothing installs, remove ${path}.`,
					details: { path },
					retryable: true,
				});
			} else await delay(pollMs * (0.5 + Math.random()));
		}
	} catch (error) {
		throw fileFailure(path, error);
	} finally {
		rmSync(scratch, { force: true });
	}
}

/** Makes the lock, with its holder in it from the first moment; false where there is one. */
function create(path: string, scratch: string, holder: Holder): boolean {
	const text = JSON.stringify(holder);
	try {
		writeFileSync(scratch, text);
		linkSync(scratch, path);
		return true;
	} catch (error) {
		const { code = '' } = error as NodeJS.ErrnoException;
		if (code === 'EEXIST') return false;
		if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
	}
	try {
		// A file system without hard links: the lock is empty for a moment, and a reader takes it for one that lives.
		writeFileSync(path, text, { flag: 'wx' });
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
		throw error;
	}
}

function readHolder(path: string): Holder | undefined {
	try {
		return JSON.parse(readFileSync(path, 'utf8')) as Holder;
	} catch {
		return undefined; // Gone, or not written yet.
	}
}

function isStale(path: string): boolean {
	const stats = statSync(path, { throwIfNoEntry: false });
	if (!stats) return false;
	if (Date.now() - stats.mtimeMs > staleMs) return true;
	const holder = readHolder(path);
	return holder?.host === hostname() && !isAlive(holder.pid);
}

/** Whether a process of this machine runs. */
export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

/** Removes a stale lock. One that lives, because another process was faster, is put back. */
function takeAway(path: string, aside: string): void {
	try {
		renameSync(path, aside);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
		throw error;
	}
	try {
		if (!isStale(aside)) linkSync(aside, path);
	} catch {
		// A third process has made a lock meanwhile; the one that was put aside is overtaken.
	} finally {
		rmSync(aside, { force: true });
	}
}

/** Removes what processes left behind that were killed while they waited for the lock. */
export function removeLockLeftovers(store: PluginStore): void {
	for (const name of readdirSync(store.dir)) {
		const path = join(store.dir, name);
		if (/^\.lock\.[0-9a-f]{16}(\.old)?$/.test(name) && isStale(path)) rmSync(path, { force: true });
	}
}

function touch(path: string): void {
	try {
		const now = new Date();
		utimesSync(path, now, now);
	} catch {
		// Somebody took it over.
	}
}
