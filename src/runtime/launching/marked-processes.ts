import { readdir, readFile, stat } from 'node:fs/promises';
import { isHostGone, launchVariable, sameNumbers } from './launch-mark.ts';

/** Milliseconds that a process gets between SIGTERM and SIGKILL. */
const termGraceMs = 500;

/** Milliseconds between two looks at what is left. */
const lookAgainMs = 25;

/** Milliseconds after which what still comes anew, as fast as it is killed, is left. */
const giveUpMs = 5_000;

/**
 * Ends the processes that carry a mark of a launch: what a plugin has started in a session of its own, and so outside of its group.
 * A process that was started with an empty environment carries none. Linux only; elsewhere nobody can say who they are. Never rejects.
 */
export async function endMarked(mark: string): Promise<void> {
	await endAll((variable) => variable.split(' ').includes(mark));
}

let orphansEnded: Promise<void> | undefined;

/**
 * Ends what hosts have left behind that are gone, with their guards: once in the life of this process. What another user started, or
 * what runs in another container, is left alone. Never rejects.
 */
export function endOrphans(): Promise<void> {
	orphansEnded ??= endAll((variable, pid) => isHostGone(variable) && sameNumbers(pid));
	return orphansEnded;
}

type Concerns = (variable: string, pid: number) => boolean;

async function endAll(concerns: Concerns): Promise<void> {
	if (process.platform !== 'linux') return;
	let left = await find(concerns);
	for (const pid of left) {
		signal(pid, 'SIGTERM');
		// A stopped process cannot act on SIGTERM.
		signal(pid, 'SIGCONT');
	}
	const begin = Date.now();
	while (left.length > 0 && Date.now() - begin < giveUpMs) {
		await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
		left = await find(concerns);
		if (Date.now() - begin < termGraceMs) continue;
		for (const pid of left) signal(pid, 'SIGKILL');
	}
}

async function find(concerns: Concerns): Promise<number[]> {
	const entries = await readdir('/proc').catch(() => []);
	const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
	const found = await Promise.all(
		pids.map(async (pid) => {
			const variable = pid === process.pid ? undefined : await variableOf(pid);
			return variable !== undefined && concerns(variable, pid) ? pid : undefined;
		}),
	);
	return found.filter((pid) => pid !== undefined);
}

/** Value of the mark in a process's environment; undefined for one of another user, one that is gone, and one that nobody marked. */
async function variableOf(pid: number): Promise<string | undefined> {
	try {
		if ((await stat(`/proc/${pid}`)).uid !== process.getuid?.()) return undefined;
		const environment = await readFile(`/proc/${pid}/environ`, 'latin1');
		const start = `${launchVariable}=`;
		return environment
			.split('\0')
			.find((entry) => entry.startsWith(start))
			?.slice(start.length);
	} catch {
		return undefined;
	}
}

function signal(pid: number, name: 'SIGTERM' | 'SIGCONT' | 'SIGKILL'): void {
	try {
		process.kill(pid, name);
	} catch {
		// It has ended since.
	}
}
