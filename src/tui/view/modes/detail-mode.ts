import type { CallFacts } from '../../feed/feed-message.ts';
import type { Action } from '../../keys/key-map.ts';
import type { PluginView } from '../../model/snapshot.ts';
import { type DetailSection, detailLines } from '../detail-section.ts';
import type { Mode } from '../mode.ts';
import type { PaneName } from '../pane-name.ts';
import { panes } from '../panes/panes.ts';
import type { Ui } from '../ui.ts';

/** One item, opened. */
export class DetailMode implements Mode {
	readonly place = 'detail';
	readonly pane: PaneName;
	readonly #ui: Ui;
	#key: string;
	#item: unknown;
	#scroll = 0;
	/** The last line that can stand at the top. */
	#lastScroll = 0;

	constructor(ui: Ui, pane: PaneName, key: string) {
		this.#ui = ui;
		this.pane = pane;
		this.#key = key;
		this.#show(key);
	}

	get item(): unknown {
		return this.#item;
	}

	get heading(): string {
		return this.#item === undefined ? 'It is gone' : panes[this.pane].heading(this.#item);
	}

	/** The lines that are shown, and where in the whole they stand. */
	lines(
		width: number,
		height: number,
	): { readonly lines: readonly string[]; readonly from: number; readonly of: number } {
		const sections: DetailSection[] =
			this.#item === undefined
				? [{ kind: 'text', title: 'It is gone', text: 'It is not among what is kept any more.' }]
				: panes[this.pane].detail(this.#item, this.#ui.snapshot);
		const all = detailLines(sections, width);
		this.#lastScroll = Math.max(0, all.length - height);
		this.#scroll = Math.min(this.#scroll, this.#lastScroll);
		return { lines: all.slice(this.#scroll, this.#scroll + height), from: this.#scroll, of: all.length };
	}

	act(action: Action): void {
		const ui = this.#ui;
		switch (action) {
			case 'back':
				this.#leave();
				return;
			case 'up':
				this.#to(this.#scroll - 1);
				return;
			case 'down':
				this.#to(this.#scroll + 1);
				return;
			case 'page-up':
				this.#to(this.#scroll - ui.page);
				return;
			case 'page-down':
				this.#to(this.#scroll + ui.page);
				return;
			case 'first':
				this.#to(0);
				return;
			case 'last':
				this.#to(this.#lastScroll);
				return;
			case 'left':
				this.#neighbour(-1);
				return;
			case 'right':
				this.#neighbour(1);
				return;
			case 'cancel':
				if (this.pane === 'calls' && this.#item) ui.cancelCall(this.#item as CallFacts);
				return;
			case 'restart':
				if (this.pane === 'plugins' && this.#item) ui.askToAct('restart', this.#item as PluginView);
				return;
			case 'copy':
				if (this.#item !== undefined) ui.copy(panes[this.pane].copied(this.#item));
				return;
			default:
				// Keys do here what they do there.
				ui.base.act(action);
		}
	}

	refresh(): void {
		// An item that has left the list stays open as it was.
		this.#item = this.#ui.lists[this.pane].find(this.#ui.snapshot, this.#key) ?? this.#item;
	}

	#leave(): void {
		this.#ui.feed.look(undefined);
		this.#ui.exit(this);
	}

	#show(key: string): void {
		this.#key = key;
		this.#item = this.#ui.lists[this.pane].find(this.#ui.snapshot, key);
		this.#scroll = 0;
		this.#ui.feed.look(this.pane === 'calls' ? key : undefined);
	}

	#to(scroll: number): void {
		this.#scroll = Math.max(0, Math.min(this.#lastScroll, scroll));
	}

	#neighbour(by: number): void {
		const list = this.#ui.lists[this.pane];
		list.select(this.#key);
		list.move(this.#ui.snapshot, by);
		const item = list.item(this.#ui.snapshot);
		if (item !== undefined) this.#show(panes[this.pane].key(item));
	}
}
