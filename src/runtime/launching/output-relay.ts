/** Stream that a line was written to. */
export type OutputStream = 'stdout' | 'stderr';

/** Called with a plugin's output, line by line. Where it returns a promise, the next line comes when that has settled. */
export type OutputListener = (line: string, stream: OutputStream) => void | Promise<void>;

/** Characters of lines that wait for a listener that is behind. */
const maxWaiting = 1024 * 1024;

/**
 * Hands the lines of a process to its listener, which may be slower than the process. The process never waits for it: what
 * does not fit into 1 Mi characters is dropped, counted, and said in a line of its own as soon as the listener has caught up.
 */
export class OutputRelay {
	readonly #listener: OutputListener | undefined;
	#waiting: { line: string; stream: OutputStream }[] = [];
	#waitingSize = 0;
	#busy = false;
	#warned = false;
	#dropped = 0;
	/** Dropped since the listener was told last. */
	#untold = 0;

	constructor(listener: OutputListener | undefined) {
		this.#listener = listener;
	}

	/** Lines that the listener never heard. */
	get dropped(): number {
		return this.#dropped;
	}

	push(line: string, stream: OutputStream): void {
		if (!this.#listener) return;
		if (!this.#busy) {
			this.#tell(line, stream);
			return;
		}
		if (this.#waitingSize + line.length > maxWaiting) {
			this.#dropped++;
			this.#untold++;
			return;
		}
		this.#waiting.push({ line, stream });
		// One more for each line, so that empty lines are not free.
		this.#waitingSize += line.length + 1;
	}

	#tell(line: string, stream: OutputStream): void {
		try {
			const pending = this.#listener?.(line, stream);
			if (pending === undefined) return;
			this.#busy = true;
			pending.then(
				() => this.#goOn(),
				(error: unknown) => {
					this.#warn(error);
					this.#goOn();
				},
			);
		} catch (error) {
			this.#warn(error);
		}
	}

	#goOn(): void {
		this.#busy = false;
		const waiting = this.#waiting;
		for (let at = 0; at < waiting.length; at++) {
			const entry = waiting[at];
			if (!entry) break;
			this.#waitingSize -= entry.line.length + 1;
			this.#tell(entry.line, entry.stream);
			if (this.#busy) {
				this.#waiting = waiting.slice(at + 1);
				return;
			}
		}
		this.#waiting = [];
		if (this.#untold === 0) return;
		const untold = this.#untold;
		this.#untold = 0;
		this.#tell(
			`(${untold} lines of output were dropped here: they came faster than they were read)`,
			'stderr',
		);
	}

	/** A listener that fails must not stop the draining; it is told of once, since it may fail at every line. */
	#warn(error: unknown): void {
		this.#dropped++;
		if (this.#warned) return;
		this.#warned = true;
		process.emitWarning(
			`The listener of a plugin's output failed: ${error instanceof Error ? error.message : String(error)}`,
		);
	}
}
