/** An item of a {@link LinkedList}. It is in one list at most. */
export interface Linked<T> {
	before: T | undefined;
	after: T | undefined;
}

/**
 * Items in the order in which they were added, any of which can be removed at once. For what comes and goes with every call: a
 * Map or a Set copies its table again and again then, and dead tables keep dead items from the young garbage collection.
 */
export class LinkedList<T extends Linked<T>> {
	first: T | undefined;
	#last: T | undefined;
	size = 0;

	add(item: T): void {
		const before = this.#last;
		item.before = before;
		if (before) before.after = item;
		else this.first = item;
		this.#last = item;
		this.size += 1;
	}

	/** Removes an item, which has to be in this list. */
	remove(item: T): void {
		const { before, after } = item;
		if (before) before.after = after;
		else this.first = after;
		if (after) after.before = before;
		else this.#last = before;
		// A removed item that has grown old would keep its neighbours from the young garbage collection.
		item.before = undefined;
		item.after = undefined;
		this.size -= 1;
	}

	/** All items, to go through while they are removed. */
	items(): T[] {
		const items: T[] = [];
		for (let item = this.first; item; item = item.after) items.push(item);
		return items;
	}
}
