import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { ExitStatus } from '../../platform/exit-status.ts';
import { BaseTerminal } from './base-terminal.ts';
import { programFile } from './program-file.ts';
import type { OutputTarget, Program, RunningProgram } from './terminal.ts';

/** Looks, and milliseconds between two of them, for which a child that a program left behind may hold its pipes without a word. */
const quietLooks = 5;
const lookMs = 100;

/** A session without a TTY: three pipes, byte for byte, stdout and stderr apart. */
export class PipeTerminal extends BaseTerminal {
	readonly tty = false;
	#child: ChildProcessWithoutNullStreams | undefined;

	protected override start(program: Program): RunningProgram {
		const { cwd, env } = program;
		const file = programFile(program);
		// A group of its own, so that one signal reaches all of its children.
		const child = spawn(file, program.command.slice(1), {
			cwd,
			env: env as NodeJS.ProcessEnv,
			detached: true,
			stdio: 'pipe',
		});
		this.#child = child;
		this.#relay(child, 'stdout');
		this.#relay(child, 'stderr');
		// Whoever does not read its input is no failure.
		child.stdin.on('error', () => {});
		const ended = new Promise<ExitStatus>((resolve) => {
			child.once('exit', (code, signal) => {
				// Here, and not a turn later: where its pipes are closed already, `close` comes right after this.
				this.#watchDrain(child);
				resolve({ code, signal });
			});
			child.once('error', () => resolve({ code: 127, signal: null }));
		});
		child.once('close', () => this.output.end());
		child.once('error', () => this.output.end());
		return { pid: child.pid ?? 0, ended };
	}

	#relay(child: ChildProcessWithoutNullStreams, target: OutputTarget): void {
		const stream = child[target];
		stream.on('error', () => {});
		stream.on('data', (data: Buffer) => {
			this.output.push({ target, data });
			if (!this.output.isFull) return;
			stream.pause();
			void this.output.room().then(() => stream.resume());
		});
	}

	/**
	 * Ends the output of a program that has ended, where somebody else holds its pipes and says nothing. Looks are counted, and not the
	 * time: between two of them the pipes are read, even where this process stood still.
	 */
	#watchDrain(child: ChildProcessWithoutNullStreams): void {
		let quiet = 0;
		const heard = () => {
			quiet = 0;
		};
		child.stdout.on('data', heard);
		child.stderr.on('data', heard);
		const timer = setInterval(() => {
			if (this.output.bytes > 0) heard();
			else quiet += 1;
			if (quiet < quietLooks) return;
			child.stdout.destroy();
			child.stderr.destroy();
		}, lookMs);
		timer.unref();
		child.once('close', () => clearInterval(timer));
	}

	protected override writeProgram(data: Uint8Array): Promise<void> {
		const stdin = this.#child?.stdin;
		if (!stdin?.writable) return Promise.resolve();
		return new Promise((resolve) => stdin.write(data, () => resolve()));
	}

	protected override endProgramInput(): void {
		this.#child?.stdin.end();
	}

	/** It has no size. */
	protected override resizeProgram(): void {}

	protected override async groups(pid: number): Promise<readonly number[]> {
		return [pid];
	}

	protected override release(): void {
		for (const stream of [this.#child?.stdin, this.#child?.stdout, this.#child?.stderr]) stream?.destroy();
	}
}
