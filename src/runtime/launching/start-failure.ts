import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type ExitStatus, formatExit } from '../platform/exit-status.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { explainExecutable } from './explain-executable.ts';
import { isFolder } from './is-folder.ts';

/** Command that was to be started. */
export interface StartedCommand {
	readonly command: string;
	readonly cwd?: string | undefined;
}

/** Error for an executable that the system could not even start: `start_failed` with what to do about it. */
export async function spawnFailure(error: unknown, started: StartedCommand): Promise<OrchestraError> {
	const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown';
	const fail = (why: string, hint: string): OrchestraError =>
		new OrchestraError('start_failed', `cannot start ${started.command}: ${why}`, {
			hint,
			details: { command: started.command, code, ...(started.cwd ? { cwd: started.cwd } : {}) },
			cause: error,
		});
	if (started.cwd !== undefined && !(await isFolder(started.cwd))) {
		return fail(`its working folder ${started.cwd} does not exist`, 'Create the folder, or name another.');
	}
	const file = filePath(started);
	const explanation = file ? await explainExecutable(file) : undefined;
	switch (code) {
		case 'ENOENT':
			if (file && (await exists(file))) {
				return fail(
					'the file exists, but what runs it does not',
					explanation ?? 'Check the interpreter or loader that it needs.',
				);
			}
			return fail(
				'there is no such file',
				file ? 'Check the path, or build it first.' : 'Check the spelling, or add its folder to PATH.',
			);
		case 'EACCES':
			if (file && (await isFolder(file))) return fail('it is a folder', 'Name the executable in it.');
			return fail('it is not executable', explanation ?? `Run: chmod +x ${file ?? started.command}`);
		case 'ENOEXEC':
		case 'EBADARCH':
			return fail(
				'this machine cannot run it',
				explanation ?? 'Build it for this operating system and processor.',
			);
		default:
			return fail(
				error instanceof Error ? error.message : String(error),
				explanation ?? 'Try to run it by hand.',
			);
	}
}

/** Facts about a process that did not become ready. */
export interface NotReady extends StartedCommand {
	readonly name: string;
	readonly exit: ExitStatus | undefined;
	/** The last lines of its output. */
	readonly tail: readonly string[];
	/** Whether a READY line came on stdout, where it does not count. */
	readonly readyOnStdout: boolean;
	readonly readyTimeoutMs: number;
}

/** Error for a process that was started and did not become ready: `start_failed` with the end of its output. */
export async function notReadyFailure(facts: NotReady, cause?: OrchestraError): Promise<OrchestraError> {
	const { name, exit, tail } = facts;
	const file = filePath(facts);
	const hints: string[] = [];
	let message: string;
	// The same start may go well later, unless what was started can never run.
	let retryable = !cause;
	if (cause) {
		message = `${name} printed a READY line that cannot be used: ${cause.message}`;
		hints.push(cause.hint ?? 'It has to be READY host:port.');
	} else if (exit) {
		message = `${name} ended before it was ready (${formatExit(exit)})`;
		// The system hands a file of a format it does not know to the shell, which chokes on it.
		const explanation = file ? await explainExecutable(file) : undefined;
		if (explanation) {
			hints.push(explanation);
			retryable = false;
		}
	} else {
		message = `${name} was not ready within ${facts.readyTimeoutMs} ms`;
		hints.push(
			'A plugin prints READY host:port on stderr when it listens; allow more time (--timeout) where it is slow.',
		);
	}
	if (tail.some((line) => line.startsWith('This binary is a plugin'))) {
		hints.push(
			'It is a go-plugin: give the cookie of its host, with --cookie KEY=VALUE or in orchestra.yaml.',
		);
		retryable = false;
	}
	if (facts.readyOnStdout) hints.push('It printed a READY line on stdout: it belongs on stderr.');
	hints.push(tail.length > 0 ? `Its last output:\n${tail.join('\n')}` : 'It printed nothing.');
	return new OrchestraError('start_failed', message, {
		hint: hints.join(' '),
		details: {
			command: facts.command,
			output: [...tail],
			...(exit ? { exitCode: exit.code, signal: exit.signal } : {}),
		},
		retryable,
		cause,
	});
}

/** The error of a start that its caller gave up. */
export function startCancelled(name: string, signal: AbortSignal | undefined): OrchestraError {
	return new OrchestraError('cancelled', `the start of ${name} was cancelled`, { cause: signal?.reason });
}

/** The file of a command; undefined where it is a name that is looked up on PATH. */
function filePath(started: StartedCommand): string | undefined {
	return /[/\\]/.test(started.command) ? resolve(started.cwd ?? '.', started.command) : undefined;
}

function exists(path: string): Promise<boolean> {
	return stat(path).then(
		() => true,
		() => false,
	);
}
