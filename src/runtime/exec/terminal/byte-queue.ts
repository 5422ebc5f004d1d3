/**
 * Pieces of data between a writer and one reader. Whoever writes beyond the bound is told to wait; nothing is dropped.
 */
export class ByteQueue<Item extends { readonly data: Uint8Array }> {
	readonly #bound: number;
	#items: Item[] = [];
	#bytes = 0;
	#ended = false;
	#reader: ((item: Item | undefined) => void) | undefined;
	#writers: (() => void)[] = [];

	/** @param bound bytes that may wait before writers are told to wait */
	constructor(bound: number) {
		this.#bound = bound;
	}

	get bytes(): number {
		return this.#bytes;
	}

	get isFull(): boolean {
		return this.#bytes >= this.#bound;
	}

	push(item: Item): void {
		if (this.#ended || item.data.length === 0) return;
		const reader = this.#reader;
		if (reader) {
			this.#reader = undefined;
			reader(item);
			return;
		}
		this.#items.push(item);
		this.#bytes += item.data.length;
	}

	/** Resolves when there is room, at once where there is, or when nobody reads any more. */
	room(): Promise<void> {
		if (!this.isFull || this.#ended) return Promise.resolve();
		return new Promise((resolve) => this.#writers.push(resolve));
	}

	/** The next item; undefined at the end. For one reader at a time. */
	read(): Promise<Item | undefined> {
		const item = this.#items.shift();
		if (!item) {
			if (this.#ended) return Promise.resolve(undefined);
			return new Promise((resolve) => {
				this.#reader = resolve;
			});
		}
		this.#bytes -= item.data.length;
		if (!this.isFull) this.#wakeWriters();
		return Promise.resolve(item);
	}

	/** Nothing comes any more; what waits can still be read. */
	end(): void {
		this.#ended = true;
		this.#reader?.(undefined);
		this.#reader = undefined;
		this.#wakeWriters();
	}

	/** Drops what waits, and ends. */
	clear(): void {
		this.#items = [];
		this.#bytes = 0;
		this.end();
	}

	#wakeWriters(): void {
		for (const wake of this.#writers.splice(0)) wake();
	}
}
