import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { OutputListener } from '../../src/runtime/launching/output-relay.ts';
import { pluginEnvironment } from '../../src/runtime/launching/plugin-environment.ts';
import type { PluginCommand } from '../../src/runtime/launching/plugin-process.ts';

/** The script with all the bad manners. */
export const misbehaveFile: string = fileURLToPath(new URL('fixtures/misbehave.mjs', import.meta.url));

/** The command of one of its behaviours. */
export function misbehave(...args: string[]): PluginCommand {
	return { command: process.execPath, args: [misbehaveFile, ...args], env: pluginEnvironment({}) };
}

/** Whether a process is gone. One that is dead and was not reaped by its parent counts as gone. */
export function isGone(pid: number): boolean {
	try {
		process.kill(pid, 0);
	} catch {
		return true;
	}
	return stateOf(pid) === 'Z';
}

/** Whether SIGSTOP has stopped a process. */
export function isStopped(pid: number): boolean {
	return stateOf(pid) === 'T';
}

/** The processes that live and whose parent this is; not the `ps` that found them. */
export function childrenOf(pid: number): number[] {
	const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,comm='], { encoding: 'utf8' }).trim().split('\n');
	const children: number[] = [];
	for (const row of rows) {
		const [child = '', parent, state, name] = row.trim().split(/\s+/);
		if (Number(parent) === pid && !state?.startsWith('Z') && name !== 'ps') children.push(Number(child));
	}
	return children;
}

/** The letter by which `ps` names the state of a process; empty where there is no such process. */
function stateOf(pid: number): string {
	try {
		return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
			.trim()
			.slice(0, 1);
	} catch {
		return '';
	}
}

/** Collects output lines and waits for one of them. */
export class OutputLog {
	readonly lines: string[] = [];
	#waiting: { pattern: RegExp; resolve: (match: RegExpExecArray) => void }[] = [];

	readonly listener: OutputListener = (line, stream) => {
		this.lines.push(`${stream}: ${line}`);
		for (const { pattern, resolve } of this.#waiting) {
			const match = pattern.exec(line);
			if (match) resolve(match);
		}
	};

	/** The first line that matches, whenever it comes; the test's own timeout is the deadline. */
	line(pattern: RegExp): Promise<RegExpExecArray> {
		for (const line of this.lines) {
			const match = pattern.exec(line.slice(line.indexOf(': ') + 2));
			if (match) return Promise.resolve(match);
		}
		return new Promise((resolve) => this.#waiting.push({ pattern, resolve }));
	}
}
