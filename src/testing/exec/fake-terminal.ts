import { ByteQueue } from '../../runtime/exec/terminal/byte-queue.ts';
import type {
	OutputTarget,
	Program,
	RunningProgram,
	Terminal,
	TerminalFactory,
	TerminalOutput,
	TerminalSize,
} from '../../runtime/exec/terminal/terminal.ts';
import type { ExitStatus } from '../../runtime/platform/exit-status.ts';

/** A terminal without a machine behind it: a test says what its program puts out, and sees what is typed, resized and signalled. */
export class FakeTerminal implements Terminal {
	readonly tty: boolean;
	/** The programs that were run. */
	readonly programs: Program[] = [];
	/** Keys that were typed, a piece for each write. */
	readonly inputs: Buffer[] = [];
	readonly resizes: TerminalSize[] = [];
	readonly signals: string[] = [];
	inputEnded = false;
	closed = false;
	/** Set it to make the program read nothing: writes wait until {@link readInput}. */
	holdsInput = false;
	readonly #output = new ByteQueue<TerminalOutput>(65_536);
	readonly #typed = new ByteQueue<{ data: Uint8Array }>(65_536);
	#size: TerminalSize;
	#exit: ExitStatus | undefined;
	#ended: ((status: ExitStatus) => void) | undefined;
	#held: (() => void)[] = [];

	constructor(options: TerminalSize & { tty?: boolean } = { rows: 27, cols: 72 }) {
		this.tty = options.tty ?? true;
		this.#size = { rows: options.rows, cols: options.cols };
	}

	get size(): TerminalSize {
		return this.#size;
	}

	get exit(): ExitStatus | undefined {
		return this.#exit;
	}

	get running(): boolean {
		return this.programs.length > 0;
	}

	/** All that was typed, as text. */
	get inputText(): string {
		return Buffer.concat(this.inputs).toString('utf8');
	}

	readonly input: AsyncIterable<Uint8Array> = {
		[Symbol.asyncIterator]: () => ({
			next: async () => {
				const item = await this.#typed.read();
				return item ? { done: false, value: item.data } : { done: true, value: undefined };
			},
		}),
	};

	/** Puts out what a program would. Resolves when there is room for more. */
	async injectOutput(data: string | Uint8Array, target: OutputTarget = 'stdout'): Promise<void> {
		this.#output.push({ target, data: Buffer.from(data as Uint8Array) });
		await this.#output.room();
	}

	/** Ends the program, after what it has put out. */
	exitWith(code: number | null, signal: string | null = null): void {
		this.#exit ??= { code, signal };
		this.#ended?.(this.#exit);
		this.#output.end();
	}

	/** Takes the input that {@link holdsInput} holds. */
	readInput(): void {
		this.holdsInput = false;
		for (const wake of this.#held.splice(0)) wake();
	}

	async run(program: Program): Promise<RunningProgram> {
		this.programs.push(program);
		const ended = new Promise<ExitStatus>((resolve) => {
			this.#ended = resolve;
		});
		return { pid: 1, ended };
	}

	print(data: string | Uint8Array, target?: OutputTarget): Promise<void> {
		return this.injectOutput(data, target);
	}

	read(): Promise<TerminalOutput | undefined> {
		return this.#output.read();
	}

	async write(data: Uint8Array): Promise<void> {
		if (this.holdsInput) await new Promise<void>((resolve) => this.#held.push(resolve));
		this.inputs.push(Buffer.from(data));
		if (!this.running) this.#typed.push({ data });
	}

	endInput(): void {
		this.inputEnded = true;
		this.#typed.end();
	}

	resize(size: TerminalSize): void {
		this.#size = size;
		this.resizes.push(size);
	}

	async signal(signal: string): Promise<boolean> {
		this.signals.push(signal);
		return this.running && !this.#exit;
	}

	finish(code: number): void {
		this.#exit ??= { code, signal: null };
	}

	stop(): void {
		if (this.running) this.exitWith(null, 'SIGHUP');
		this.#typed.end();
		this.#output.end();
	}

	close(): void {
		this.closed = true;
		this.#output.clear();
		this.#typed.clear();
		this.readInput();
	}
}

/** A factory of fake terminals that remembers them. */
export class FakeTerminals {
	readonly made: FakeTerminal[] = [];
	readonly factory: TerminalFactory = (options) => {
		const terminal = new FakeTerminal(options);
		this.made.push(terminal);
		return terminal;
	};

	/** The one that was made last. */
	get last(): FakeTerminal {
		const terminal = this.made.at(-1);
		if (!terminal) throw new Error('no terminal was made');
		return terminal;
	}
}
