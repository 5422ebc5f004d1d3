import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Changes } from './changes.ts';
import { patienceMs } from './patience.ts';
import { runtimeCommand } from './runtime-command.ts';

export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

const executable = join(projectRoot, 'bin/orchestra.js');

export interface CliResult {
	code: number | null;
	stdout: string;
	stderr: string;
}

export interface CliOptions {
	cwd?: string;
	env?: Record<string, string>;
	input?: string;
	/** Milliseconds after which the process is ended and the test fails. Default: twice {@link patienceMs}. */
	timeoutMs?: number;
	runtime?: 'node' | 'deno';
}

/** The command that runs the executable. */
export function cliCommand(
	runtime: 'node' | 'deno',
	words: readonly string[],
): { readonly command: string; readonly args: string[] } {
	const [command, args] = runtimeCommand(runtime, executable, ...words);
	return { command, args };
}

function start(words: readonly string[], options: CliOptions): ChildProcessWithoutNullStreams {
	const { command, args } = cliCommand(options.runtime ?? 'node', words);
	return spawn(command, args, {
		cwd: options.cwd ?? projectRoot,
		env: { ...process.env, NO_COLOR: '1', CI: '1', ...options.env },
	});
}

/** Runs the executable to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
	return new Promise((resolve, reject) => {
		const child = start(args, options);
		let stdout = '';
		let stderr = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			stdout += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			stderr += text;
		});
		const timer = setTimeout(
			() => {
				child.kill('SIGKILL');
				reject(new Error(`orchestra ${args.join(' ')} did not end\nstdout: ${stdout}\nstderr: ${stderr}`));
			},
			options.timeoutMs ?? 2 * patienceMs,
		);
		child.on('error', reject);
		child.on('close', (code) => {
			clearTimeout(timer);
			resolve({ code, stdout, stderr });
		});
		child.stdin.on('error', () => {});
		child.stdin.end(options.input ?? '');
	});
}

/** The executable, running: for what ends only when it is told to. */
export class RunningCli {
	readonly child: ChildProcessWithoutNullStreams;
	readonly exited: Promise<number | null>;
	stdout = '';
	stderr = '';
	readonly #changes = new Changes();
	#over = false;

	constructor(args: readonly string[], options: CliOptions = {}) {
		this.child = start(args, options);
		this.child.stdout.setEncoding('utf8').on('data', (text: string) => {
			this.stdout += text;
			this.#changes.tell();
		});
		this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
			this.stderr += text;
			this.#changes.tell();
		});
		this.exited = new Promise((resolve, reject) => {
			this.child.on('error', reject);
			this.child.on('close', (code) => {
				this.#over = true;
				this.#changes.tell();
				resolve(code);
			});
		});
	}

	/** Waits until what it printed on stdout and stderr matches. */
	async until(pattern: RegExp, timeoutMs = patienceMs): Promise<RegExpExecArray> {
		return this.#changes.until(
			() => pattern.exec(this.stdout) ?? pattern.exec(this.stderr) ?? undefined,
			() => this.#over,
			timeoutMs,
			() => new Error(`never printed ${pattern}\nstdout: ${this.stdout}\nstderr: ${this.stderr}`),
		);
	}

	/** Ends it if it still runs. */
	async [Symbol.asyncDispose](): Promise<void> {
		if (!this.#over) this.child.kill('SIGKILL');
		await this.exited;
	}
}
