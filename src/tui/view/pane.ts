import type { Snapshot } from '../model/snapshot.ts';
import type { Column } from './column.ts';
import type { DetailSection } from './detail-section.ts';
import type { PaneName } from './pane-name.ts';

/** Definition of a pane: where its rows come from, and how they look. */
export interface PaneDefinition<Item> {
	readonly name: PaneName;
	readonly title: string;
	/** Title where there is little room. */
	readonly shortTitle: string;
	readonly columns: readonly Column<Item>[];
	/** Whether rows are added at the end, so that it can be followed. */
	readonly grows: boolean;
	/** Text where there is no row. */
	readonly empty: string;
	items(snapshot: Snapshot): readonly Item[];
	key(item: Item): string;
	/** Text in which a filter looks. */
	haystack(item: Item): string;
	/** The selected item, on one line. */
	summary(item: Item, snapshot: Snapshot): string;
	/** Heading of the opened item. */
	heading(item: Item): string;
	detail(item: Item, snapshot: Snapshot): DetailSection[];
	/** Text that is copied of it. */
	copied(item: Item): string;
	/** Whether there is such a thing here. Left out: always. */
	isShown?(snapshot: Snapshot): boolean;
	/** Number of items, for the tab; undefined for none. */
	count(snapshot: Snapshot): number;
}

/** A pane whose type of items is not known any more. */
export type AnyPane = PaneDefinition<unknown>;

/** Defines a pane. */
export function definePane<Item>(definition: PaneDefinition<Item>): AnyPane {
	return definition as unknown as AnyPane;
}
