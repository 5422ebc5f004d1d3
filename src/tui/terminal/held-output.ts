/** Characters of held output that are kept: its end. */
const maxHeld = 64 * 1024;

type Write = NodeJS.WriteStream['write'];

/**
 * Keeps everybody else's output off a screen that somebody draws on: what is written to stdout and stderr meanwhile is heard, held,
 * and written when the screen is given back.
 */
export class HeldOutput {
	readonly #onText: (text: string) => void;
	readonly #streams: { readonly stream: NodeJS.WriteStream; readonly write: Write }[] = [];
	#held = '';
	#dropped = 0;

	/** @param onText hears each text that is held */
	constructor(onText: (text: string) => void) {
		this.#onText = onText;
		for (const stream of [process.stdout, process.stderr]) {
			// A file or a pipe is no part of the screen.
			if (!stream.isTTY) continue;
			this.#streams.push({ stream, write: stream.write });
			stream.write = this.#hold as Write;
		}
	}

	/** Writes to stdout itself, for who has the screen. Resolves when there is room for more; false where it is gone. */
	write(data: Uint8Array): Promise<boolean> {
		const { stdout } = process;
		const write = this.#streams.find(({ stream }) => stream === stdout)?.write ?? stdout.write;
		return new Promise((resolve) => {
			write.call(stdout, data as never, 'utf8', (error) => resolve(!error));
		});
	}

	/** Gives the streams back. @returns what was held */
	release(): string {
		for (const { stream, write } of this.#streams.splice(0)) stream.write = write;
		const text =
			this.#dropped > 0 ? `(${this.#dropped} characters before this are lost)\n${this.#held}` : this.#held;
		this.#held = '';
		this.#dropped = 0;
		return text;
	}

	readonly #hold = (
		data: string | Uint8Array,
		encoding?: BufferEncoding | ((error?: Error) => void),
		done?: (error?: Error) => void,
	): boolean => {
		const text = typeof data === 'string' ? data : Buffer.from(data).toString('utf8');
		this.#held += text;
		if (this.#held.length > maxHeld) {
			this.#dropped += this.#held.length - maxHeld;
			this.#held = this.#held.slice(-maxHeld);
		}
		if (text !== '') this.#onText(text);
		const called = typeof encoding === 'function' ? encoding : done;
		if (called) queueMicrotask(called);
		return true;
	};
}
