/** The last items of a stream, bounded in number and in bytes: the oldest are dropped, and counted. */
export class BoundedList<Item> {
	readonly #maxItems: number;
	readonly #maxBytes: number;
	readonly #bytesOf: (item: Item) => number;
	#items: Item[] = [];
	/** Items at the start of the array that are dropped already: moving all others at each drop would cost more than the item. */
	#start = 0;
	#bytes = 0;
	#dropped = 0;

	/** @param bytesOf what an item costs, about; it must answer the same for an item each time */
	constructor(limits: { readonly items: number; readonly bytes: number }, bytesOf: (item: Item) => number) {
		this.#maxItems = limits.items;
		this.#maxBytes = limits.bytes;
		this.#bytesOf = bytesOf;
	}

	get length(): number {
		return this.#items.length - this.#start;
	}

	/** Bytes that the items cost, about. */
	get bytes(): number {
		return this.#bytes;
	}

	/** Items that had to go. */
	get dropped(): number {
		return this.#dropped;
	}

	push(item: Item): void {
		this.#items.push(item);
		this.#bytes += this.#bytesOf(item);
		this.#shrink();
	}

	/** Puts an item where another was. False where that one is gone already. */
	replace(old: Item, item: Item): boolean {
		// Items that change are most often among the last.
		const index = this.#items.lastIndexOf(old);
		if (index < this.#start) return false;
		this.#items[index] = item;
		this.#bytes += this.#bytesOf(item) - this.#bytesOf(old);
		this.#shrink();
		return true;
	}

	clear(): void {
		this.#items = [];
		this.#start = 0;
		this.#bytes = 0;
	}

	/** The items, the oldest first. A copy, which stays as it is. */
	toArray(): Item[] {
		return this.#items.slice(this.#start);
	}

	#shrink(): void {
		while (this.length > 1 && (this.length > this.#maxItems || this.#bytes > this.#maxBytes)) {
			this.#bytes -= this.#bytesOf(this.#items[this.#start] as Item);
			this.#start++;
			this.#dropped++;
		}
		if (this.#start < 64 || this.#start < this.#items.length / 2) return;
		this.#items = this.#items.slice(this.#start);
		this.#start = 0;
	}
}
