import textColumns from './text-columns.ts';

/** Text whose characters all take one column: most of what is shown, and not worth a look at each of them. */
const plain = /^[\x20-\x7e]*$/;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Columns that a text takes on a terminal. It may have colours. */
export const columnsOf = textColumns;

/** A text in at most `width` columns: what is too long ends in `…`. It must have no colours. */
export function clip(text: string, width: number): string {
	if (width <= 0) return '';
	// A text of a thousand characters need not be looked at to its end.
	const near = text.length > width * 8 ? text.slice(0, width * 8) : text;
	if (near.length === text.length && columnsOf(text) <= width) return text;
	if (plain.test(near)) return `${near.slice(0, width - 1)}…`;
	let taken = '';
	let columns = 0;
	for (const { segment } of graphemes.segment(near)) {
		columns += columnsOf(segment);
		if (columns > width - 1) break;
		taken += segment;
	}
	return `${taken}…`;
}

/** A text in exactly `width` columns, clipped or filled up with blanks. It must have no colours. */
export function filled(text: string, width: number, align: 'left' | 'right' = 'left'): string {
	const clipped = clip(text, width);
	const blanks = ' '.repeat(Math.max(0, width - columnsOf(clipped)));
	return align === 'left' ? clipped + blanks : blanks + clipped;
}

/**
 * Lines of at most `width` columns. It must have no colours.
 *
 * @param at whether lines are broken between words, where there are some, or wherever they end
 */
export function breakLines(text: string, width: number, at: 'words' | 'anywhere' = 'anywhere'): string[] {
	return text.split('\n').flatMap((line) => breakLine(line, Math.max(1, width), at === 'words'));
}

function breakLine(line: string, width: number, betweenWords: boolean): string[] {
	if (columnsOf(line) <= width) return [line];
	const lines: string[] = [];
	let current = '';
	let columns = 0;
	for (const { segment } of graphemes.segment(line)) {
		const wide = columnsOf(segment);
		if (columns + wide > width) {
			const blank = betweenWords && segment !== ' ' ? current.lastIndexOf(' ') : -1;
			// A word that takes most of a line is broken all the same.
			const end = blank > current.length / 2 ? blank + 1 : current.length;
			lines.push(current.slice(0, end).trimEnd());
			current = current.slice(end);
			columns = columnsOf(current);
		}
		current += segment;
		columns += wide;
	}
	lines.push(current);
	return lines;
}
