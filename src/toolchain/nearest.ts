import { distance } from 'fastest-levenshtein';

/** The name that was probably meant: the one with the fewest edits, if those are at most a third of its length. */
export function nearest(word: string, names: readonly string[]): string | undefined {
	let best: string | undefined;
	let least = Number.POSITIVE_INFINITY;
	for (const name of names) {
		const edits = distance(word.toLowerCase(), name.toLowerCase());
		if (edits < least && edits <= Math.max(1, name.length / 3)) {
			best = name;
			least = edits;
		}
	}
	return best;
}
