import type { ExitStatus } from '../../platform/exit-status.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { outputChunkBytes, terminalInputBytes } from '../exec-limits.ts';
import type { ProcessSignal } from '../stream-signal.ts';
import { ByteQueue } from './byte-queue.ts';
import type {
	OutputTarget,
	Program,
	RunningProgram,
	Terminal,
	TerminalOutput,
	TerminalSize,
} from './terminal.ts';

/** Milliseconds that a program has to go by itself when its session ends. */
const graceMs = 1_000;

/** Bytes of output that wait for the session to take them. */
const outputBound = 2 * outputChunkBytes;

/** Base of terminals: input and output where no program reads and writes, and the end of one that does. */
export abstract class BaseTerminal implements Terminal {
	abstract readonly tty: boolean;
	protected readonly output = new ByteQueue<TerminalOutput>(outputBound);
	readonly #typed = new ByteQueue<{ data: Uint8Array }>(terminalInputBytes);
	#size: TerminalSize;
	#program: RunningProgram | undefined;
	#exit: ExitStatus | undefined;
	#closed = false;

	constructor(size: TerminalSize) {
		this.#size = { rows: size.rows, cols: size.cols };
	}

	get size(): TerminalSize {
		return this.#size;
	}

	get exit(): ExitStatus | undefined {
		return this.#exit;
	}

	get running(): boolean {
		return this.#program !== undefined;
	}

	/** Keys of viewers, for a handler that has no program. */
	readonly input: AsyncIterable<Uint8Array> = {
		[Symbol.asyncIterator]: () => ({
			next: async () => {
				const item = await this.#typed.read();
				return item ? { done: false, value: item.data } : { done: true, value: undefined };
			},
		}),
	};

	async run(program: Program): Promise<RunningProgram> {
		if (this.#closed) throw new OrchestraError('session_closed', 'the session is closed');
		if (this.#program) throw new OrchestraError('terminal_error', 'a program runs on this terminal already');
		const running = this.start(program);
		this.#program = running;
		void running.ended.then((exit) => {
			this.#exit = exit;
		});
		return running;
	}

	/** Runs a program: its output comes into {@link output}, which ends after all of it. */
	protected abstract start(program: Program): RunningProgram;
	protected abstract writeProgram(data: Uint8Array): Promise<void>;
	protected abstract endProgramInput(): void;
	protected abstract resizeProgram(size: TerminalSize): void;
	/** The groups that a signal goes to. */
	protected abstract groups(pid: number): Promise<readonly number[]>;
	/** Closes descriptors. */
	protected abstract release(): void;

	async print(data: string | Uint8Array, target: OutputTarget = 'stdout'): Promise<void> {
		// A copy: the handler may use its memory again.
		const bytes = Buffer.from(data as Uint8Array);
		for (let at = 0; at < bytes.length; at += outputChunkBytes) {
			this.output.push({
				target: this.tty ? 'stdout' : target,
				data: bytes.subarray(at, at + outputChunkBytes),
			});
			await this.output.room();
		}
	}

	read(): Promise<TerminalOutput | undefined> {
		return this.output.read();
	}

	async write(data: Uint8Array): Promise<void> {
		if (this.#closed || this.#exit) return;
		if (this.#program) return this.writeProgram(data);
		this.#typed.push({ data });
		await this.#typed.room();
	}

	endInput(): void {
		if (this.#program) this.endProgramInput();
		else if (!this.tty) this.#typed.end();
	}

	resize(size: TerminalSize): void {
		this.#size = { rows: size.rows, cols: size.cols };
		if (this.#program && !this.#exit) this.resizeProgram(this.#size);
	}

	async signal(signal: ProcessSignal): Promise<boolean> {
		const { pid } = this.#program ?? {};
		if (!pid || this.#exit) return false;
		const groups = await this.groups(pid);
		// It may have ended meanwhile, and its number be another's.
		if (this.#exit) return false;
		return groups.map((group) => sendSignal(group, signal)).includes(true);
	}

	finish(code: number): void {
		this.#exit ??= { code, signal: null };
	}

	stop(): void {
		this.#typed.end();
		if (!this.#program) {
			this.output.end();
			return;
		}
		if (this.#exit) return;
		const { pid, ended } = this.#program;
		for (const signal of ['SIGHUP', 'SIGTERM', 'SIGCONT'] as const) sendSignal(pid, signal);
		const timer = setTimeout(() => void this.#kill(), graceMs);
		timer.unref();
		void ended.then(() => clearTimeout(timer));
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#typed.clear();
		this.output.clear();
		void this.#kill().finally(() => this.release());
	}

	async #kill(): Promise<void> {
		const { pid } = this.#program ?? {};
		if (!pid || this.#exit) return;
		const groups = await this.groups(pid);
		if (!this.#exit) for (const group of new Set([...groups, pid])) sendSignal(group, 'SIGKILL');
	}
}

/** Sends a signal to a process group. False where it has ended. */
function sendSignal(group: number, signal: NodeJS.Signals): boolean {
	try {
		process.kill(-group, signal);
		return true;
	} catch (error) {
		// EPERM: macOS says so of a group of zombies.
		if (['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
		throw error;
	}
}
