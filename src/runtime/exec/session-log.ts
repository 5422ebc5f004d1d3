import { outputBufferBytes, outputChunkBytes, outputWindowBytes } from './exec-limits.ts';
import { OutputBuffer } from './output-buffer.ts';
import type { OutputTarget, TerminalOutput } from './terminal/terminal.ts';

/** Changes between stdout and stderr that are remembered. */
const maxRuns = 16_384;

/** Output of a session, and where in it stdout and stderr change. Viewers read from it, each at a place of its own. */
export class SessionLog {
	readonly capacity: number;
	readonly #replayBytes: number;
	readonly #bytes: OutputBuffer;
	/** Offset at which each run of one target begins; the last one goes on. */
	#runs: { from: number; target: OutputTarget }[] = [];

	/** @param replayBytes what whoever attaches gets at most. Default {@link outputBufferBytes} */
	constructor(replayBytes: number = outputBufferBytes) {
		this.#replayBytes = Math.max(0, replayBytes);
		// Output that viewers have not got yet has to be kept even where nothing is replayed.
		this.capacity = Math.max(this.#replayBytes, outputWindowBytes);
		this.#bytes = new OutputBuffer(this.capacity);
	}

	get end(): number {
		return this.#bytes.end;
	}

	/** The first place that can be read. */
	get start(): number {
		const [first] = this.#runs;
		return Math.max(this.#bytes.start, first?.from ?? 0);
	}

	/** Offset at which a viewer begins that wants all there is. */
	get replayStart(): number {
		return Math.max(this.start, this.end - this.#replayBytes);
	}

	append({ target, data }: TerminalOutput): void {
		if (this.#runs.at(-1)?.target !== target) this.#runs.push({ from: this.end, target });
		this.#bytes.append(data);
		const { start } = this.#bytes;
		let gone = 0;
		while (
			gone + 1 < this.#runs.length &&
			((this.#runs[gone + 1]?.from ?? 0) <= start || this.#runs.length - gone > maxRuns)
		)
			gone++;
		if (gone > 0) this.#runs.splice(0, gone);
	}

	/** Whether appending would take from what begins at a place. */
	wouldTake(from: number, bytes: number): boolean {
		return this.end + bytes - from > this.capacity || (from < this.end && this.#runs.length >= maxRuns);
	}

	/** A piece of one target, from a place that is kept; undefined at the end. */
	read(from: number): TerminalOutput | undefined {
		if (from >= this.end) return undefined;
		let at = this.#runs.length - 1;
		while (at > 0 && (this.#runs[at]?.from ?? 0) > from) at--;
		const until = this.#runs[at + 1]?.from ?? this.end;
		const data = this.#bytes.read(from, Math.min(until - from, outputChunkBytes));
		return { target: this.#runs[at]?.target ?? 'stdout', data };
	}
}
