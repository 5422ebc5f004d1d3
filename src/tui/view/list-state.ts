import type { Snapshot } from '../model/snapshot.ts';
import type { AnyPane } from './pane.ts';

/** Items that a pane shows, and which of them is selected. */
export class ListState {
	readonly pane: AnyPane;
	/** Whether the selection keeps to the newest. */
	follows: boolean;
	#filter = '';
	#only: ((item: unknown) => boolean) | undefined;
	#selected: string | undefined;
	#index = 0;
	#offset = 0;
	#cache: { readonly from: readonly unknown[]; readonly rows: readonly unknown[] } | undefined;

	constructor(pane: AnyPane) {
		this.pane = pane;
		this.follows = pane.grows;
	}

	/** Text that is looked for. */
	get filter(): string {
		return this.#filter;
	}

	set filter(text: string) {
		this.#filter = text;
		this.#cache = undefined;
	}

	/** Whether some items only are shown, whatever the filter. */
	get restricted(): boolean {
		return this.#only !== undefined;
	}

	/** Shows some items only; undefined shows all again. */
	restrict(only: ((item: unknown) => boolean) | undefined): void {
		this.#only = only;
		this.#cache = undefined;
	}

	/** The items that are shown. */
	rows(snapshot: Snapshot): readonly unknown[] {
		const from = this.pane.items(snapshot);
		if (this.#cache?.from === from) return this.#cache.rows;
		const words = this.#filter.toLowerCase().split(/\s+/).filter(Boolean);
		const only = this.#only;
		const rows =
			words.length === 0 && !only
				? from
				: from.filter((item) => {
						if (only && !only(item)) return false;
						if (words.length === 0) return true;
						const text = this.pane.haystack(item).toLowerCase();
						return words.every((word) => text.includes(word));
					});
		this.#cache = { from, rows };
		return rows;
	}

	/** Index of the selected item; -1 where there is none. An item that is gone leaves its place to what is there now. */
	index(snapshot: Snapshot): number {
		const rows = this.rows(snapshot);
		if (rows.length === 0) return -1;
		if (this.follows) this.#index = rows.length - 1;
		else if (this.#selected !== undefined && this.#key(rows[this.#index]) !== this.#selected) {
			const found = rows.findIndex((row) => this.#key(row) === this.#selected);
			this.#index = found >= 0 ? found : Math.min(this.#index, rows.length - 1);
		}
		this.#index = Math.max(0, Math.min(this.#index, rows.length - 1));
		this.#selected = this.#key(rows[this.#index]);
		return this.#index;
	}

	/** The selected item. */
	item(snapshot: Snapshot): unknown {
		return this.rows(snapshot)[this.index(snapshot)];
	}

	/** The item of a key, shown or not. */
	find(snapshot: Snapshot, key: string): unknown {
		return this.pane.items(snapshot).find((item) => this.pane.key(item) === key);
	}

	/** Selects the item that many places further, or before. */
	move(snapshot: Snapshot, by: number): void {
		const rows = this.rows(snapshot);
		const index = Math.max(0, Math.min(rows.length - 1, this.index(snapshot) + by));
		// A person who goes up wants to read; one who comes to the end wants what is new.
		this.follows = this.pane.grows && by > 0 ? index === rows.length - 1 : false;
		this.#select(rows, index);
	}

	first(snapshot: Snapshot): void {
		this.follows = false;
		this.#select(this.rows(snapshot), 0);
	}

	last(snapshot: Snapshot): void {
		this.follows = this.pane.grows;
		const rows = this.rows(snapshot);
		this.#select(rows, rows.length - 1);
	}

	/** Selects an item by its key. */
	select(key: string): void {
		this.follows = false;
		this.#selected = key;
	}

	/** The first row that is shown, where so many have room: the selected one is among them. */
	offset(snapshot: Snapshot, height: number): number {
		const index = Math.max(0, this.index(snapshot));
		const last = Math.max(0, this.rows(snapshot).length - height);
		this.#offset = Math.min(Math.max(this.#offset, index - height + 1, 0), index, last);
		return this.#offset;
	}

	#select(rows: readonly unknown[], index: number): void {
		this.#index = Math.max(0, index);
		this.#selected = this.#key(rows[this.#index]);
	}

	#key(item: unknown): string | undefined {
		return item === undefined ? undefined : this.pane.key(item);
	}
}
