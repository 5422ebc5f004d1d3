import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';

/** The variable that says who launched a process; whatever that process starts inherits it. */
export const launchVariable = 'ORCHESTRA_LAUNCH';

/** Fields of /proc/<pid>/stat behind the name of the program: the 20th is when it started. */
const startField = 19;

/** This host, as its processes are marked: its number, when it started, and what nobody guesses. `0.0` where the system does not say. */
export const hostMark = `${process.pid}.${startOf(process.pid) ?? 0}.${randomBytes(8).toString('hex')}`;

let launches = 0;

/** The environment of a process that carries a mark of this launch, behind those of the launches that this host is part of. */
export function marked(env: Readonly<Record<string, string>>): { env: Record<string, string>; mark: string } {
	const mark = `${hostMark}.${++launches}`;
	const outer = process.env[launchVariable];
	return { mark, env: { ...env, [launchVariable]: outer ? `${outer} ${mark}` : mark } };
}

/** When a process started, in ticks since the system did; undefined where it is gone, or the system does not say. */
export function startOf(pid: number): number | undefined {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
		// The name stands in brackets and may hold some itself.
		const start = Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[startField]);
		return Number.isSafeInteger(start) ? start : undefined;
	} catch {
		return undefined;
	}
}

/** Whether the host that the last mark in a variable names has gone. Only for processes that count as this one does: see {@link sameNumbers}. */
export function isHostGone(variable: string): boolean {
	const [, pid, start] = /(?:^| )(\d+)\.(\d+)\.[0-9a-f]{16}\.\d+$/.exec(variable) ?? [];
	if (pid === undefined || start === '0') return false;
	return startOf(Number(pid)) !== Number(start);
}

/** Whether a process lives in the same world of numbers as this one: in a container, number 7 is another process. */
export function sameNumbers(pid: number): boolean {
	try {
		return readlinkSync(`/proc/${pid}/ns/pid`) === readlinkSync('/proc/self/ns/pid');
	} catch {
		return false;
	}
}
