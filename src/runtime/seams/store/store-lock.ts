import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { startOf } from '../../launching/launch-mark.ts';
import { isRunning } from '../../platform/is-running.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/**
 * Holds a store for this process: two would not see what the other keeps. What a process that was killed left is taken over, also where
 * another has its number by now, as the first process of each container has.
 *
 * @throws OrchestraError `conflict` where another process has it
 * @returns what lets it go
 */
export function lockStore(path: string): () => void {
	const lock = `${path}.lock`;
	const own = `${process.pid} ${startOf(process.pid) ?? ''}`.trim();
	for (let attempt = 0; attempt < 8; attempt++) {
		try {
			writeFileSync(lock, own, { flag: 'wx', mode: 0o600 });
			held.add(lock);
			return () => {
				held.delete(lock);
				rmSync(lock, { force: true });
			};
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
			const holder = readHolder(lock);
			if (holder === own ? held.has(lock) : isAlive(holder)) throw heldBy(path, Number.parseInt(holder, 10));
			takeAway(lock, holder);
		}
	}
	throw new OrchestraError('conflict', `the store ${path} is being opened by another process`, {
		retryable: true,
	});
}

/** The locks of this process. */
const held = new Set<string>();

/** Removes the lock of a process that has gone, unless another has taken its place meanwhile. */
function takeAway(lock: string, holder: string): void {
	const aside = `${lock}.${process.pid}`;
	try {
		renameSync(lock, aside);
		if (readHolder(aside) !== holder) linkSync(aside, lock);
	} catch {
		// Somebody else was faster: the next attempt sees.
	} finally {
		rmSync(aside, { force: true });
	}
}

function readHolder(lock: string): string {
	try {
		return readFileSync(lock, 'utf8').trim();
	} catch {
		return '';
	}
}

function isAlive(holder: string): boolean {
	const [number = '', start] = holder.split(' ');
	const pid = Number(number);
	if (!Number.isInteger(pid) || pid <= 0 || !isRunning(pid)) return false;
	const now = startOf(pid);
	return start === undefined || now === undefined || String(now) === start;
}

function heldBy(path: string, pid: number): OrchestraError {
	return new OrchestraError('conflict', `process ${pid} has the store ${path} open`, {
		hint: 'Use it through the plugin that serves it, or stop that process.',
		details: { path, pid },
	});
}
