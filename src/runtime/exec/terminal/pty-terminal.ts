import { readSync } from 'node:fs';
import { constants } from 'node:os';
import { ReadStream } from 'node:tty';
import type { ExitStatus } from '../../platform/exit-status.ts';
import { outputChunkBytes } from '../exec-limits.ts';
import { BaseTerminal } from './base-terminal.ts';
import { foregroundGroup } from './foreground-group.ts';
import { loadPty, type PtyBinding } from './native-pty.ts';
import { programFile } from './program-file.ts';
import type { Program, RunningProgram, TerminalSize } from './terminal.ts';

/** A real terminal. Its program leads a session of its own, so that a hang-up reaches all that it started. */
export class PtyTerminal extends BaseTerminal {
	readonly tty = true;
	readonly #binding: PtyBinding;
	#fd: number | undefined;
	#socket: ReadStream | undefined;

	/** @throws OrchestraError `terminal_error` where this machine has no terminals */
	constructor(size: TerminalSize) {
		super(size);
		this.#binding = loadPty();
	}

	protected override start(program: Program): RunningProgram {
		const { native, helper } = this.#binding;
		const { rows, cols } = this.size;
		const { cwd = process.cwd(), env = process.env } = program;
		const file = programFile(program);
		let tell: (status: ExitStatus) => void = () => {};
		const ended = new Promise<ExitStatus>((resolve) => {
			tell = resolve;
		});
		const { fd, pid } = native.fork(
			file,
			program.command.slice(1),
			environment(env, cwd),
			cwd,
			cols,
			rows,
			-1,
			-1,
			true,
			helper,
			(code, signal) =>
				tell(signal > 0 ? { code: null, signal: signalName(signal) } : { code, signal: null }),
		);
		const socket = new ReadStream(fd);
		this.#fd = fd;
		this.#socket = socket;
		socket.on('data', (data: Buffer) => {
			this.output.push({ target: 'stdout', data });
			if (!this.output.isFull) return;
			socket.pause();
			void this.output.room().then(() => socket.resume());
		});
		// The event loop takes a hang-up after a read that did not fill its buffer for the end. On a terminal no read does: what the
		// system still holds then, some kilobytes, has to be taken here.
		socket.on('end', () => {
			for (const data of rest(fd)) this.output.push({ target: 'stdout', data });
		});
		// The system says EIO when the last program has let go of the terminal; all of its output was read then.
		socket.on('error', () => socket.destroy());
		socket.on('close', () => {
			this.#fd = undefined;
			this.output.end();
		});
		return { pid, ended };
	}

	protected override writeProgram(data: Uint8Array): Promise<void> {
		const socket = this.#socket;
		if (!socket || socket.destroyed) return Promise.resolve();
		return new Promise((resolve) => {
			socket.once('close', resolve);
			socket.write(data, () => {
				socket.off('close', resolve);
				resolve();
			});
		});
	}

	/** A terminal has no end of input: its viewers type Ctrl-D. */
	protected override endProgramInput(): void {}

	protected override resizeProgram({ rows, cols }: TerminalSize): void {
		if (this.#fd !== undefined) this.#binding.native.resize(this.#fd, cols, rows);
	}

	protected override async groups(pid: number): Promise<readonly number[]> {
		return [await foregroundGroup(pid)];
	}

	protected override release(): void {
		this.#fd = undefined;
		this.#socket?.destroy();
	}
}

/** Reads the rest from a terminal that nobody has open at its other end: it ends with EIO, or has no more now. */
function* rest(fd: number): Generator<Buffer, void> {
	for (;;) {
		const buffer = Buffer.allocUnsafe(outputChunkBytes);
		let bytes = 0;
		try {
			bytes = readSync(fd, buffer);
		} catch (error) {
			if (['EIO', 'EAGAIN', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
			throw error;
		}
		if (bytes === 0) return;
		yield buffer.subarray(0, bytes);
	}
}

/** The environment of a program on a terminal: that of a terminal around ours is none of its business. */
function environment(env: Readonly<Record<string, string | undefined>>, cwd: string): string[] {
	const { TMUX: _a, TMUX_PANE: _b, STY: _c, WINDOW: _d, COLUMNS: _e, LINES: _f, ...rest } = env;
	const term = env.TERM && env.TERM !== 'dumb' ? env.TERM : 'xterm-256color';
	return Object.entries({ ...rest, PWD: cwd, TERM: term })
		.filter(([, value]) => value !== undefined)
		.map(([name, value]) => `${name}=${value}`);
}

function signalName(number: number): string {
	const named = Object.entries(constants.signals).find(([, value]) => value === number);
	return named?.[0] ?? `SIG${number}`;
}
