import { lineMatches } from './line-matches.ts';

/** Lines around a change that are shown with it. */
const context = 3;

/** A line of one text, of the other, or of both. */
interface Step {
	readonly sign: ' ' | '-' | '+';
	readonly text: string;
	/** Lines of each text before this one. */
	readonly before: readonly [number, number];
}

/**
 * Differences between two texts, as `diff -u` shows them, without names; empty for none.
 *
 * @param old undefined for a file that is new
 * @param now undefined for one that goes
 */
export function unifiedDiff(old: string | undefined, now: string | undefined): string[] {
	const all = steps(linesOf(old), linesOf(now));
	const shown = new Set<number>();
	for (const [index, { sign }] of all.entries()) {
		if (sign === ' ') continue;
		for (let near = index - context; near <= index + context; near++) shown.add(near);
	}
	const hunks: string[][] = [];
	for (let index = 0; index < all.length; index++) {
		if (!shown.has(index)) continue;
		let end = index;
		while (end < all.length && shown.has(end)) end++;
		const hunk = all.slice(index, end);
		hunks.push(
			[headOf(hunk)],
			hunk.map(({ sign, text }) => `${sign}${text}`),
		);
		index = end;
	}
	return hunks.flat();
}

/** The lines of a text; the break behind the last one begins none. */
function linesOf(text: string | undefined): string[] {
	if (text === undefined || text === '') return [];
	const lines = text.split('\n');
	if (lines.at(-1) === '') lines.pop();
	else lines.push('\\ No newline at end of file');
	return lines;
}

function steps(old: readonly string[], now: readonly string[]): Step[] {
	const matches = lineMatches(old, now);
	const all: Step[] = [];
	let [i, j] = [0, 0];
	const add = (text = '') => all.push({ sign: '+', text, before: [i, j] }) && j++;
	for (const text of old) {
		const match = matches[i] ?? -1;
		while (match > j) add(now[j]);
		all.push({ sign: match < 0 ? '-' : ' ', text, before: [i, j] });
		if (match >= 0) j++;
		i++;
	}
	while (j < now.length) add(now[j]);
	return all;
}

function headOf(hunk: readonly Step[]): string {
	const [i, j] = hunk[0]?.before ?? [0, 0];
	const count = (sign: string) => hunk.filter((step) => step.sign !== sign).length;
	const range = (before: number, length: number) => `${length === 0 ? before : before + 1},${length}`;
	return `@@ -${range(i, count('+'))} +${range(j, count('-'))} @@`;
}
