import { readdir, readFile } from 'node:fs/promises';
import { formatExit } from '../../runtime/platform/exit-status.ts';
import { settlesWithin } from '../../runtime/platform/settles-within.ts';
import { broken, type Check, notMade } from '../check.ts';
import { exchange, toldResponse } from '../subject/exchange.ts';
import type { Instance, Subject } from '../subject/subject.ts';

/** Milliseconds that a process gets to leave by itself. */
const leaveMs = 5_000;

/** Bytes and lines that a plugin may print while it is tested: what nobody asked for fills the logs of its host. */
const mostOutputBytes = 1024 * 1024;

/** Milliseconds for which an idle plugin is listened to. */
const listenMs = 500;

/** Milliseconds that what a plugin has started gets to follow it: a busy system takes its time. */
const followMs = 5_000;

/** Milliseconds between two looks at what is left. */
const lookEveryMs = 20;

/** A plugin of its own, which is stopped whatever becomes of it. */
async function withOwn<T>(subject: Subject, work: (instance: Instance) => Promise<T>): Promise<T> {
	const instance = await subject.launch();
	try {
		return await work(instance);
	} finally {
		await instance.process?.stop({ shutdownTimeoutMs: 500, exitGraceMs: 500, termGraceMs: 500 });
	}
}

export const processChecks: readonly Check[] = [
	{
		number: 1101,
		name: 'output-flood',
		profile: 'core',
		needs: 'process',
		why: 'Nobody reads a log that never rests, and what is worth reading is dropped from it.',
		async run(subject) {
			const { output } = await subject.instance();
			const before = output.bytes;
			await new Promise((resolve) => setTimeout(resolve, listenMs));
			const printed = output.bytes - before;
			if (printed < mostOutputBytes / 32 && output.bytes < mostOutputBytes) return undefined;
			return broken(
				'less than 32 KiB of output in half a second in which it has nothing to do',
				`${printed} bytes`,
			);
		},
	},
	{
		number: 1102,
		name: 'shutdown-answered',
		profile: 'core',
		needs: 'process',
		why: 'The host takes a plugin that does not answer for hung, and kills it in the middle of what it saves.',
		run: (subject) =>
			withOwn(subject, async ({ connection }) => {
				const { last } = await exchange(connection, { shutdown: { timeoutSeconds: 5 } });
				return last.shutdown?.clean ? undefined : broken('an answer to shutdown: clean', toldResponse(last));
			}),
	},
	{
		number: 1103,
		name: 'shutdown-leaves',
		profile: 'full',
		needs: 'process',
		why: 'A host that has to kill cannot tell an end that was saved from one that was not.',
		goSdk: 'stays after an answered shutdown',
		run: (subject) =>
			withOwn(subject, async ({ connection, process }) => {
				if (!process) return undefined;
				await exchange(connection, { shutdown: { timeoutSeconds: 5 } });
				// Hanging up tells it that its answer has arrived.
				void connection.close();
				if (!(await settlesWithin(process.exited, leaveMs)))
					return broken(`that it ends within ${leaveMs} ms of its answer to shutdown`, 'it stays');
				const exit = await process.exited;
				return exit.code === 0 ? undefined : broken('exit code 0', formatExit(exit));
			}),
	},
	{
		number: 1104,
		name: 'sigterm',
		profile: 'core',
		needs: 'process',
		why: 'It is what systems and containers send; what does not leave is killed.',
		run: (subject) =>
			withOwn(subject, async (instance) => {
				if (!instance.process) return undefined;
				process.kill(instance.process.pid, 'SIGTERM');
				if (await settlesWithin(instance.process.exited, leaveMs)) return undefined;
				return broken(`that it ends within ${leaveMs} ms of SIGTERM`, 'it stays');
			}),
	},
	{
		number: 1105,
		name: 'no-orphans',
		profile: 'core',
		needs: 'process',
		why: 'What a plugin starts and leaves behind runs on, holds ports and files, and belongs to nobody.',
		async run(subject) {
			if (process.platform !== 'linux') return notMade('only Linux tells which processes are whose');
			await using lone = await subject.launchAlone();
			// They are looked for before the end: afterwards they have another parent.
			const children = await descendantsOf(lone.pid);
			process.kill(lone.pid, 'SIGTERM');
			if (!(await settlesWithin(lone.exited, leaveMs))) return notMade('it does not leave');
			const left = await leftOf(children);
			if (left.length === 0) return undefined;
			for (const { pid } of left) process.kill(pid, 'SIGKILL');
			const names = left.map(({ name }) => name).join(', ');
			return broken('that what it has started ends with it', `left: ${names}`);
		},
	},
];

/** The processes that a process has started, and those that they have. */
async function descendantsOf(root: number): Promise<number[]> {
	const parents = new Map<number, number>();
	for (const entry of await readdir('/proc')) {
		if (!/^\d+$/.test(entry)) continue;
		const text = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => undefined);
		// The name stands in brackets and may hold some itself; the second field behind it is the parent.
		if (text) parents.set(Number(entry), Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]));
	}
	const isBelow = (pid: number): boolean => {
		const parent = parents.get(pid);
		return parent !== undefined && (parent === root || (parent > 1 && isBelow(parent)));
	};
	return [...parents.keys()].filter(isBelow);
}

/** The processes that are still there when they have had their time. */
async function leftOf(pids: readonly number[]): Promise<{ pid: number; name: string }[]> {
	const end = performance.now() + followMs;
	for (;;) {
		const named = await Promise.all(pids.map(async (pid) => ({ pid, name: await nameOf(pid) })));
		const left = named.flatMap(({ pid, name }) => (name === undefined ? [] : { pid, name }));
		if (left.length === 0 || performance.now() > end) return left;
		await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
	}
}

/** Command name of a process; undefined where it is gone, or only waits to be reaped. */
async function nameOf(pid: number): Promise<string | undefined> {
	const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
	if (!text || text.slice(text.lastIndexOf(')') + 2).startsWith('Z')) return undefined;
	return `${text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'))} (${pid})`;
}
