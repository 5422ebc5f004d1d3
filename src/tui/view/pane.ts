import type { Snapshot } from '../model/snapshot.ts';
import type { Column } from './column.ts';
import type { DetailSection } from './detail-section.ts';
import type { PaneName } from './pane-name.ts';

/** What a pane is: where its rows come from, and how they look. */
export interface PaneDefinition<Item> {
	readonly name: PaneName;
	readonly title: string;
	/** Where there is little room. */
	readonly shortTitle: string;
	readonly columns: readonly Column<Item>[];
	/** Whether rows are added at the end, so that it can be followed. */
	readonly grows: boolean;
	/** What is said where there is no row. */
	readonly empty: string;
	items(snapshot: Snapshot): readonly Item[];
	key(item: Item): string;
	/** What a filter looks in. */
	haystack(item: Item): string;
	/** What is selected, on one line. */
	summary(item: Item, snapshot: Snapshot): string;
	/** What stands above the opened item. */
	heading(item: Item): string;
	detail(item: Item, snapshot: Snapshot): DetailSection[];
	/** What is copied of it. */
	copied(item: Item): string;
	/** How many there are, for the tab; undefined for none. */
	count(snapshot: Snapshot): number;
}

/** A pane whose type of items is not known any more. */
export type AnyPane = PaneDefinition<unknown>;

/** Defines a pane. */
export function definePane<Item>(definition: PaneDefinition<Item>): AnyPane {
	return definition as unknown as AnyPane;
}
