import Table from 'cli-table3';
import { style } from './style.ts';

/** Columns without lines around them, a dim heading, two blanks between. Wide characters count as they show. */
export function formatTable(headings: string[], rows: string[][]): string {
	const none = '';
	const table = new Table({
		head: headings.map((heading) => style.dim(heading)),
		style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
		chars: {
			top: none,
			'top-mid': none,
			'top-left': none,
			'top-right': none,
			bottom: none,
			'bottom-mid': none,
			'bottom-left': none,
			'bottom-right': none,
			left: none,
			'left-mid': none,
			mid: none,
			'mid-mid': none,
			right: none,
			'right-mid': none,
			middle: none,
		},
	});
	table.push(...rows);
	return table
		.toString()
		.split('\n')
		.map((line) => line.trimEnd())
		.join('\n');
}
