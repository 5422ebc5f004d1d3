import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, lutimesSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning } from '../runtime/platform/is-running.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

// The holder says every refreshMs that it lives.
const refreshMs = 2_000;
const staleMs = 15_000;
const pollMs = 25;

/** Holder of a lock. */
interface Holder {
	readonly pid: number;
	readonly host: string;
	/** Tells one holding from the next. */
	readonly token: string;
}

/** Options of taking a lock. */
export interface FileLockOptions {
	/** Milliseconds to wait for another holder. */
	readonly waitMs: number;
	/** The error where another one holds it all that time. @param pid of the holder, where it runs on this machine */
	readonly held: (pid: number | undefined) => OrchestraError;
	readonly signal?: AbortSignal | undefined;
}

/** A lock that this process holds. */
export interface FileLock extends Disposable {
	/** Whether it is there still: somebody may have removed it with its folder. */
	isHeld(): boolean;
	release(): void;
}

/**
 * Takes a lock between processes: a file that says who holds it. One whose holder has died is taken over. It installs no signal handler:
 * where the process exits, the lock goes with it; where it is killed, it goes stale. A link in its place is never written through.
 *
 * @param path absolute; its folder is there
 * @throws OrchestraError what `held` gives; `cancelled` when the signal aborts
 * @throws Error of the file system
 */
export async function takeFileLock(path: string, options: FileLockOptions): Promise<FileLock> {
	const holder: Holder = { pid: process.pid, host: hostname(), token: randomBytes(8).toString('hex') };
	await acquire(path, holder, options);
	const isHeld = () => readHolder(path)?.token === holder.token;
	const remove = () => {
		if (isHeld()) rmSync(path, { force: true });
	};
	process.once('exit', remove);
	const timer = setInterval(() => touch(path), refreshMs);
	timer.unref();
	const release = () => {
		clearInterval(timer);
		process.off('exit', remove);
		remove();
	};
	return { isHeld, release, [Symbol.dispose]: release };
}

async function acquire(
	path: string,
	holder: Holder,
	{ waitMs, held, signal }: FileLockOptions,
): Promise<void> {
	const end = Date.now() + waitMs;
	const scratch = `${path}.${holder.token}`;
	const text = JSON.stringify(holder);
	try {
		writeFileSync(scratch, text, { flag: 'wx' });
		for (;;) {
			if (signal?.aborted) throw new OrchestraError('cancelled', 'nothing was changed');
			if (create(path, scratch, text)) return;
			if (isStaleLock(path)) takeAway(path, `${scratch}.old`);
			else if (Date.now() >= end) {
				const found = readHolder(path);
				throw held(found?.host === hostname() ? found.pid : undefined);
			} else await delay(pollMs * (0.5 + Math.random()));
		}
	} finally {
		rmSync(scratch, { force: true });
	}
}

/** Makes the lock, with its holder in it from the first moment; false where there is one. */
function create(path: string, scratch: string, text: string): boolean {
	try {
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

/** Whether the holder of a lock has died, or does not say any more that it lives. */
export function isStaleLock(path: string): boolean {
	const stats = lstatSync(path, { throwIfNoEntry: false });
	if (!stats) return false;
	if (Date.now() - stats.mtimeMs > staleMs) return true;
	const holder = readHolder(path);
	return holder?.host === hostname() && !isRunning(holder.pid);
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
		if (!isStaleLock(aside)) linkSync(aside, path);
	} catch {
		// A third process has made a lock meanwhile; the one that was put aside is overtaken.
	} finally {
		rmSync(aside, { force: true });
	}
}

function touch(path: string): void {
	try {
		const now = new Date();
		lutimesSync(path, now, now);
	} catch {
		// Somebody took it over.
	}
}
