import type { ExitStatus } from '../../platform/exit-status.ts';
import type { ProcessSignal } from '../stream-signal.ts';

/** Rows and columns of a terminal, 1 to 65,535 each. */
export interface TerminalSize {
	readonly rows: number;
	readonly cols: number;
}

/** Output of a program: with a TTY all of it is `stdout`. */
export type OutputTarget = 'stdout' | 'stderr';

/** A piece of output. */
export interface TerminalOutput {
	readonly target: OutputTarget;
	readonly data: Uint8Array;
}

/** A program to run. */
export interface Program {
	/** The program and its arguments; a name without a slash is looked for in `PATH`. */
	readonly command: readonly string[];
	/** Default: the folder of the plugin's process. */
	readonly cwd?: string | undefined;
	/** All that it sees of an environment. Default: that of the plugin's process. */
	readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A program that runs. */
export interface RunningProgram {
	readonly pid: number;
	/** Never rejects. */
	readonly ended: Promise<ExitStatus>;
}

/** Terminal of a session, for its handler. */
export interface HandlerTerminal {
	readonly tty: boolean;
	/** The size that it has now. */
	readonly size: TerminalSize;
	/**
	 * Runs a program on it, once. The session ends when the program has ended and its output was read.
	 *
	 * @throws OrchestraError `terminal_error`
	 */
	run(program: Program): Promise<RunningProgram>;
	/** Puts something out, where no program does. Resolves when there is room for more. */
	print(data: string | Uint8Array, target?: OutputTarget): Promise<void>;
	/** Keys of viewers, where no program reads them. For one reader; it ends with the input or the session. */
	readonly input: AsyncIterable<Uint8Array>;
}

/** A terminal, or the three pipes of a session without one. Its manager owns it, and closes it. */
export interface Terminal extends HandlerTerminal {
	/** The next output; undefined when there is no more. For one reader, who may be slow: what writes waits then. */
	read(): Promise<TerminalOutput | undefined>;
	/** Input from a viewer. Resolves when it was taken. */
	write(data: Uint8Array): Promise<void>;
	/** No input comes any more. On a TTY nothing happens: there Ctrl-D says so. */
	endInput(): void;
	resize(size: TerminalSize): void;
	/** To the program in the foreground, with all of its group. False where no program runs. */
	signal(signal: ProcessSignal): Promise<boolean>;
	/** Begins the end: the program is told to go, and after a second has to; what was put out can still be read. */
	stop(): void;
	/** Lets go of everything at once. Idempotent. */
	close(): void;
	/** It has ended as a program of this code would, though none ran. */
	finish(code: number): void;
	/** End of its program; undefined while there is none. */
	readonly exit: ExitStatus | undefined;
	/** Whether a program was started. */
	readonly running: boolean;
}

/** Makes the terminal of a session. @throws OrchestraError `terminal_error` where this machine has none */
export type TerminalFactory = (
	options: TerminalSize & { readonly tty: boolean },
) => Terminal | Promise<Terminal>;
