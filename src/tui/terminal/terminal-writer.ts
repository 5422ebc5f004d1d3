import { write, writeSync } from 'node:fs';

/** Milliseconds until a terminal that takes nothing is tried again. */
const retryMs = 20;

/** Tries for the last words, ten milliseconds apart, with a terminal that takes nothing. */
const lastTries = 30;

/**
 * Writes to a terminal without ever waiting for it: Node's own stream would stand still with everything else in the process while a
 * terminal does not read. One write is under way at a time; what is to be written next is asked for when it is done.
 */
export class TerminalWriter {
	readonly #fd: number;
	readonly #onGone: (error: Error) => void;
	#waiting: Buffer | undefined;
	#next: (() => string) | undefined;
	#idle: (() => void)[] = [];
	#gone = false;

	/** @param onGone hears, once, that the terminal is gone */
	constructor(fd: number, onGone: (error: Error) => void) {
		this.#fd = fd;
		this.#onGone = onGone;
	}

	/** Writes what `make` makes as soon as the terminal is ready for it; of several waiting only the last is asked. */
	offer(make: () => string): void {
		this.#next = make;
		this.#pump();
	}

	/** Resolves when nothing is being written any more, or after `ms`. */
	async settled(ms: number): Promise<void> {
		if (!this.#waiting) return;
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, ms);
			this.#idle.push(() => {
				clearTimeout(timer);
				resolve();
			});
		});
	}

	/** Writes at once, whatever is under way: for the last words of a process, which has no time to wait. */
	writeNow(text: string): void {
		let rest = Buffer.from(text);
		for (let tries = 0; rest.length > 0 && tries < lastTries; ) {
			try {
				rest = rest.subarray(writeSync(this.#fd, rest));
			} catch (error) {
				if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
				tries++;
				Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
			}
		}
	}

	#pump(): void {
		if (this.#waiting || this.#gone) return;
		const make = this.#next;
		this.#next = undefined;
		const text = make?.() ?? '';
		if (text === '') {
			for (const wake of this.#idle.splice(0)) wake();
			return;
		}
		this.#waiting = Buffer.from(text);
		this.#write();
	}

	#write(): void {
		write(this.#fd, this.#waiting as Buffer, (error, written) => {
			if (error?.code === 'EAGAIN') {
				setTimeout(() => this.#write(), retryMs);
				return;
			}
			if (error) {
				this.#waiting = undefined;
				this.#gone = true;
				for (const wake of this.#idle.splice(0)) wake();
				this.#onGone(error);
				return;
			}
			const rest = (this.#waiting as Buffer).subarray(written);
			this.#waiting = rest.length > 0 ? rest : undefined;
			if (this.#waiting) this.#write();
			else this.#pump();
		});
	}
}
