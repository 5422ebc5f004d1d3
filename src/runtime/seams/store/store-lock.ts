import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/**
 * Holds a store for this process: two would not see what the other keeps. What a process that was killed left is taken over.
 *
 * @throws OrchestraError `conflict` where another process has it
 * @returns what lets it go
 */
export function lockStore(path: string): () => void {
	const lock = `${path}.lock`;
	for (let attempt = 0; attempt < 2; attempt++) {
		try {
			writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
			return () => rmSync(lock, { force: true });
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
			const pid = Number(readHolder(lock));
			if (isAlive(pid)) {
				throw new OrchestraError('conflict', `process ${pid} has the store ${path} open`, {
					hint: 'Use it through the plugin that serves it, or stop that process.',
					details: { path, pid },
				});
			}
			rmSync(lock, { force: true });
		}
	}
	throw new OrchestraError('conflict', `the store ${path} is being opened by another process`, {
		retryable: true,
	});
}

function readHolder(lock: string): string {
	try {
		return readFileSync(lock, 'utf8');
	} catch {
		return '';
	}
}

function isAlive(pid: number): boolean {
	if (!Number.isInteger(pid) || pid <= 0) return false;
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
