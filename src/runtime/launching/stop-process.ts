import type { ExitStatus } from '../platform/exit-status.ts';
import { settlesWithin } from '../platform/settles-within.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { PluginProcess } from './plugin-process.ts';

/** Time limits of the steps of a stop, in milliseconds. */
export interface ProcessStopOptions {
	/** Time for the answer to the shutdown request. Default 5 s. */
	readonly shutdownTimeoutMs?: number | undefined;
	/** Time from that answer to the end of the process. Default 2 s. */
	readonly exitGraceMs?: number | undefined;
	/** Time from SIGTERM to SIGKILL. Default 2 s. */
	readonly termGraceMs?: number | undefined;
}

/** Report on a stop. */
export interface StopReport {
	/** The last step that was needed. */
	readonly step: 'already_exited' | 'shutdown' | 'sigterm' | 'sigkill';
	/** Whether the plugin answered that its shutdown was clean. */
	readonly clean: boolean;
	readonly exit: ExitStatus;
	/** Error of the shutdown request, where it got no answer. */
	readonly error?: OrchestraError;
}

/** Steps of a stop besides signals. */
export interface StopSteps {
	/** Asks the plugin to shut down; resolves to whether it did so cleanly. Left out where there is no connection. */
	readonly shutdown?: ((timeoutMs: number) => Promise<boolean>) | undefined;
	/**
	 * Whether the plugin stays after an answered shutdown and would run its shutdown hook again on SIGTERM. Plugins of the Go
	 * SDK do both; their own host kills them right after the answer, and so does this.
	 */
	readonly staysAfterShutdown?: boolean | undefined;
}

/** The grace of a process that is not expected to leave by itself, but might. */
const stayingGraceMs = 250;

/** Milliseconds from SIGKILL to the end; more means that the system cannot end it (a process stuck in the kernel). */
const killTimeoutMs = 10_000;

/**
 * Ends a plugin's process and its whole group: shutdown request, end of its stdin with SIGTERM, SIGKILL, each with its grace. Works on a process
 * that is stopped, that ignores SIGTERM, that has ended, and where others hold its pipes. When it returns nothing is left.
 *
 * @throws OrchestraError `deadline_exceeded` where the process survives SIGKILL for 10 s
 */
export async function stopProcess(
	process: PluginProcess,
	options: ProcessStopOptions = {},
	steps: StopSteps = {},
): Promise<StopReport> {
	const { shutdownTimeoutMs = 5_000, exitGraceMs = 2_000, termGraceMs = 2_000 } = options;
	let clean = false;
	let error: OrchestraError | undefined;
	const finish = async (step: StopReport['step']): Promise<StopReport> => {
		const exit = await process.exited;
		await process.gone;
		return { step, clean, exit, ...(error ? { error } : {}) };
	};
	if (process.exit) return finish('already_exited');

	if (steps.shutdown) {
		let answered = false;
		const asked = steps.shutdown(shutdownTimeoutMs).then(
			(answer) => {
				answered = true;
				clean = answer;
			},
			(reason: unknown) => {
				error = OrchestraError.from(reason, 'internal');
			},
		);
		// Whoever ends at once may take its connection down before the answer is out.
		await Promise.race([asked, process.exited]);
		if (!answered && process.exit) await settlesWithin(asked, stayingGraceMs);
		const leaves = answered && !steps.staysAfterShutdown;
		const grace = answered ? (leaves ? exitGraceMs : Math.min(stayingGraceMs, exitGraceMs)) : 0;
		if (await settlesWithin(process.exited, grace)) return finish('shutdown');
		if (answered && steps.staysAfterShutdown) return kill();
	}

	process.closeStdin();
	process.signal('SIGTERM');
	// A stopped process cannot act on SIGTERM.
	process.signal('SIGCONT');
	if (await settlesWithin(process.exited, termGraceMs)) return finish('sigterm');
	return kill();

	async function kill(): Promise<StopReport> {
		process.signal('SIGKILL');
		if (await settlesWithin(process.exited, killTimeoutMs)) return finish('sigkill');
		throw new OrchestraError(
			'deadline_exceeded',
			`process ${process.pid} did not end within ${killTimeoutMs} ms of SIGKILL`,
			{ hint: 'The system cannot end it: look at what it waits for.', details: { pid: process.pid } },
		);
	}
}
