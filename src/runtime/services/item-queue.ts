/**
 * Items between a producer that never waits and one reader. Bounded in bytes: beyond that the oldest item is dropped and counted, and
 * the reader is told before the next.
 */
export class ItemQueue<Item> {
	readonly #maxBytes: number;
	readonly #missedItem: (count: number) => Item;
	#items: { item: Item; bytes: number }[] = [];
	#bytes = 0;
	#missed = 0;
	#ended = false;
	#wake: (() => void) | undefined;

	/** @param missedItem what the reader gets for items that were dropped */
	constructor(maxBytes: number, missedItem: (count: number) => Item) {
		this.#maxBytes = maxBytes;
		this.#missedItem = missedItem;
	}

	/** @param bytes what the item costs while it waits, about */
	push(item: Item, bytes: number): void {
		if (this.#ended) return;
		while (this.#items.length > 0 && this.#bytes + bytes > this.#maxBytes) {
			this.#bytes -= this.#items.shift()?.bytes ?? 0;
			this.#missed++;
		}
		this.#items.push({ item, bytes });
		this.#bytes += bytes;
		this.#wake?.();
	}

	/** No item comes any more; the reader gets what waits. */
	end(): void {
		this.#ended = true;
		this.#wake?.();
	}

	/** Reads the items, for one reader, until the end or until `signal` aborts. */
	async *read(signal: AbortSignal): AsyncGenerator<Item, void> {
		const stop = () => this.#wake?.();
		signal.addEventListener('abort', stop, { once: true });
		try {
			while (!signal.aborted) {
				if (this.#missed > 0) {
					const count = this.#missed;
					this.#missed = 0;
					yield this.#missedItem(count);
				}
				const next = this.#items.shift();
				if (next) {
					this.#bytes -= next.bytes;
					yield next.item;
				} else if (this.#ended) return;
				else {
					await new Promise<void>((resolve) => {
						this.#wake = resolve;
					});
					this.#wake = undefined;
				}
			}
		} finally {
			signal.removeEventListener('abort', stop);
		}
	}
}
