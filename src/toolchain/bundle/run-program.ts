import { type SpawnOptions, spawn } from 'node:child_process';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Characters of a program's output that are kept: the last ones. */
const maxOutput = 1024 * 1024;

/** End of a program. */
export interface ProgramResult {
	/** `exit code 1`, or the signal that ended it. */
	readonly exit: string;
	/** Whether it exited with code 0. */
	readonly ok: boolean;
	/** Whether it was killed because its time was up. */
	readonly timedOut: boolean;
	/** Its stdout and stderr, as they came. */
	readonly output: string;
}

/**
 * Runs a program to its end, with no input. When its time is up it is killed.
 *
 * @param timeoutMs milliseconds
 * @throws OrchestraError `build_failed` where it cannot be started
 */
export async function runProgram(
	command: string,
	args: readonly string[],
	timeoutMs: number,
	options: Pick<SpawnOptions, 'cwd' | 'env' | 'signal'> = {},
): Promise<ProgramResult> {
	const child = spawn(command, args, {
		...options,
		stdio: ['ignore', 'pipe', 'pipe'],
		timeout: timeoutMs,
		killSignal: 'SIGKILL',
	});
	const kill = () => child.kill('SIGKILL');
	process.once('exit', kill);
	let output = '';
	const keep = (chunk: string) => {
		output = (output + chunk).slice(-maxOutput);
	};
	child.stdout.setEncoding('utf8').on('data', keep);
	child.stderr.setEncoding('utf8').on('data', keep);
	const started = performance.now();
	try {
		return await new Promise((resolve, reject) => {
			child.once('error', (error) => {
				reject(
					new OrchestraError('build_failed', `${command} cannot be run: ${error.message}`, { cause: error }),
				);
			});
			child.once('close', (code, signal) => {
				const timedOut = signal === 'SIGKILL' && performance.now() - started >= timeoutMs;
				resolve({
					exit: code === null ? `${signal}` : `exit code ${code}`,
					ok: code === 0,
					timedOut,
					output,
				});
			});
		});
	} finally {
		process.off('exit', kill);
	}
}
