import { visibleLine } from '../../cli/visible-text.ts';
import { filled } from '../text/columns.ts';
import { type Tone, toned } from '../text/tone.ts';

/** Blanks between two columns. */
const gap = 2;

/** A column of a list. */
export interface Column<Item> {
	readonly title: string;
	/** Columns of the terminal that it takes; one with a share of the rest takes that many at least. */
	readonly width: number;
	/** Its part of what the others leave. Default: none. */
	readonly share?: number;
	readonly align?: 'left' | 'right';
	/** Order in which columns go where the terminal is too narrow: the highest number first. 0: it always stays. */
	readonly goes: number;
	/** Text of a cell. It may hold anything: it is shown escaped. */
	readonly text: (item: Item, now: number) => string;
	readonly tone?: (item: Item, now: number) => Tone;
}

/** A column with the width that it has on this terminal. */
export interface PlacedColumn<Item> {
	readonly column: Column<Item>;
	readonly width: number;
}

/** The columns that a terminal has room for, and how wide each of them is. */
export function placeColumns<Item>(columns: readonly Column<Item>[], width: number): PlacedColumn<Item>[] {
	let kept = [...columns];
	const least = () => kept.reduce((sum, column) => sum + column.width + gap, -gap);
	while (least() > width) {
		const goes = Math.max(...kept.map((column) => column.goes));
		if (goes === 0) break;
		kept = kept.filter((column) => column.goes !== goes);
	}
	let rest = Math.max(0, width - least());
	let shares = kept.reduce((sum, { share = 0 }) => sum + share, 0);
	return kept.map((column) => {
		const { share = 0 } = column;
		const more = shares > 0 ? Math.floor((rest * share) / shares) : 0;
		rest -= more;
		shares -= share;
		return { column, width: column.width + more };
	});
}

/** The line of titles. */
export function titleLine<Item>(columns: readonly PlacedColumn<Item>[]): string {
	return columns.map(({ column, width }) => filled(column.title, width, column.align)).join(' '.repeat(gap));
}

/** A row. @param coloured false where the whole row has a colour of its own */
export function rowLine<Item>(
	columns: readonly PlacedColumn<Item>[],
	item: Item,
	now: number,
	coloured: boolean,
): string {
	return columns
		.map(({ column, width }) => {
			const cell = filled(visibleLine(column.text(item, now)), width, column.align);
			return coloured && column.tone ? toned(cell, column.tone(item, now)) : cell;
		})
		.join(' '.repeat(gap));
}
