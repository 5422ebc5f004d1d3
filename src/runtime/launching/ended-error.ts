import { type ExitStatus, formatExit } from '../platform/exit-status.ts';
import { OrchestraError, ToolError } from '../wire/orchestra-error.ts';

/** Further facts about a process that has ended. */
export interface EndedOptions {
	/** A call that it may have seen is not, what comes after a restart is. */
	readonly retryable: boolean;
	/** The last lines of its output. Default: not told. */
	readonly tail?: readonly string[] | undefined;
}

/** The error of what a plugin leaves undone whose process has ended; undefined where it is not known how. */
export function endedError(
	id: string,
	exit: ExitStatus | undefined,
	{ retryable, tail = [] }: EndedOptions,
): OrchestraError {
	// Handlers throw it too, of plugins that are reached through one.
	return new ToolError('connection_lost', `plugin ${id} has ended${exit ? ` (${formatExit(exit)})` : ''}`, {
		retryable,
		...(tail.length > 0 ? { hint: `Its last output:\n${tail.join('\n')}` } : {}),
		...(exit ? { details: { exitCode: exit.code, signal: exit.signal } } : {}),
	});
}

/** The error of a start whose process ended when it had said that it is ready. */
export function endedEarlyError(name: string, exit: ExitStatus, tail: readonly string[]): OrchestraError {
	return new OrchestraError('start_failed', `${name} ended while it was started (${formatExit(exit)})`, {
		hint: tail.length > 0 ? `Its last output:\n${tail.join('\n')}` : 'It printed nothing.',
		details: { exitCode: exit.code, signal: exit.signal, output: [...tail] },
		retryable: true,
	});
}
