import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * The resident set of a process in bytes; undefined where this system cannot tell.
 *
 * @param {number | undefined} pid
 * @returns {number | undefined}
 */
export function residentMemory(pid) {
	if (!pid) return undefined;
	try {
		const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
		return kib === undefined ? undefined : Number(kib) * 1024;
	} catch {
		const told = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'latin1' });
		const kib = Number(told.stdout);
		return told.status === 0 && kib > 0 ? kib * 1024 : undefined;
	}
}
