import { lineMatches } from './line-matches.ts';

/** A place that both sides have changed, each in its own way. */
export interface LineConflict {
	/** The line where it begins in the text of the first side, counted from 1. */
	readonly line: number;
	readonly was: readonly string[];
	readonly yours: readonly string[];
	readonly theirs: readonly string[];
}

/** Result of a merge of two changed texts. */
export interface MergedLines {
	/** Both changes; where they conflict, what the first side has. */
	readonly lines: readonly string[];
	/** The same with both sides between marks where they conflict, as version control has them. */
	readonly marked: readonly string[];
	readonly conflicts: readonly LineConflict[];
}

/** Joins two changes of one text. Changes that touch each other conflict, unless they are the same. */
export function mergeLines(
	was: readonly string[],
	yours: readonly string[],
	theirs: readonly string[],
	names: { readonly yours: string; readonly theirs: string },
): MergedLines {
	const inYours = lineMatches(was, yours);
	const inTheirs = lineMatches(was, theirs);
	// Lists of lines, joined at the end: what is spread into a call has to fit onto the stack.
	const lines: (readonly string[])[] = [];
	const marked: (readonly string[])[] = [];
	const conflicts: LineConflict[] = [];
	let [i, a, b] = [0, 0, 0];
	for (let next = 0; next <= was.length; next++) {
		const [nextA, nextB] =
			next === was.length ? [yours.length, theirs.length] : [inYours[next] ?? -1, inTheirs[next] ?? -1];
		if (nextA < 0 || nextB < 0) continue;
		const part = { was: was.slice(i, next), yours: yours.slice(a, nextA), theirs: theirs.slice(b, nextB) };
		const joined = joinedPart(part);
		lines.push(joined ?? part.yours);
		if (joined) marked.push(joined);
		else {
			conflicts.push({ line: a + 1, ...part });
			marked.push([`<<<<<<< ${names.yours}`], part.yours, ['||||||| as it was made'], part.was);
			marked.push(['======='], part.theirs, [`>>>>>>> ${names.theirs}`]);
		}
		const same = was.slice(next, next + 1);
		lines.push(same);
		marked.push(same);
		[i, a, b] = [next + 1, nextA + 1, nextB + 1];
	}
	return { lines: lines.flat(), marked: marked.flat(), conflicts };
}

/** A part between lines that all three have: undefined where both sides have changed it. */
function joinedPart({ was, yours, theirs }: Omit<LineConflict, 'line'>): readonly string[] | undefined {
	if (areSame(yours, theirs) || areSame(was, theirs)) return yours;
	return areSame(was, yours) ? theirs : undefined;
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
	return a.length === b.length && a.every((line, index) => line === b[index]);
}
