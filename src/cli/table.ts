import { style } from './style.ts';
import { outputWidth, textWidth, wrapText } from './text-width.ts';

/** Blanks between columns. */
const gap = 2;

/** Columns that the last one needs at least: with less, each row becomes a few lines of its own. */
const leastLast = 20;

/**
 * Columns without lines around them, a dim heading, two blanks between. Wide characters count as they show. On a terminal that is
 * too narrow the last column is broken between words, or each row is told in lines.
 *
 * @param indent columns that are taken before it
 */
export function formatTable(headings: string[], rows: string[][], indent = 0): string {
	const width = outputWidth() - indent;
	const all = [headings, ...rows];
	const widths = headings.map((_, column) =>
		Math.max(...all.flatMap((row) => (row[column] ?? '').split('\n').map(textWidth))),
	);
	const before = widths.slice(0, -1).reduce((sum, one) => sum + one + gap, 0);
	const last = widths.at(-1) ?? 0;
	if (before + Math.min(last, leastLast) > width)
		return rows.map((row) => told(headings, row, width)).join('\n');
	const dimmed = headings.map((heading) => style.dim(heading));
	return [dimmed, ...rows].map((row) => line(row, widths, width - before)).join('\n');
}

function line(row: readonly string[], widths: readonly number[], lastWidth: number): string {
	const cells = row.map((cell, column) =>
		(column === row.length - 1 ? wrapText(cell, lastWidth, 0) : cell).split('\n'),
	);
	const height = Math.max(...cells.map((lines) => lines.length));
	return Array.from({ length: height }, (_, i) =>
		cells
			.map((lines, column) => padded(lines[i] ?? '', (widths[column] ?? 0) + gap))
			.join('')
			.trimEnd(),
	).join('\n');
}

function padded(text: string, width: number): string {
	return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** A row as lines: its first cell, and below it what the others are and say. */
function told(headings: readonly string[], row: readonly string[], width: number): string {
	const [first = '', ...rest] = row;
	const lines = rest
		.map((cell, i) => {
			const heading = headings[i + 1];
			return cell === '' ? '' : wrapText(`${heading ? `${style.dim(heading)} ` : ''}${cell}`, width, 2);
		})
		.filter((text) => text !== '');
	return [wrapText(first, width, 0), ...lines].join('\n');
}
