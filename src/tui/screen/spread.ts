import { columnsOf } from '../text/columns.ts';

/** Two texts at both ends of a line. Where there is no room for both, the right one goes. They may have colours. */
export function spread(left: string, right: string, width: number): string {
	const blanks = width - columnsOf(left) - columnsOf(right);
	return blanks < 1 ? left : left + ' '.repeat(blanks) + right;
}
