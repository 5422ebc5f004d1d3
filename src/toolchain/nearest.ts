import { distance } from 'fastest-levenshtein';

/** The name that was probably meant: the one with the fewest edits, if those are at most a third of its length. */
export function nearest(word: string, names: readonly string[]): string | undefined {
	let best: string | undefined;
	let least = Number.POSITIVE_INFINITY;
	for (const name of names) {
		const edits = editsBetween(word.toLowerCase(), name.toLowerCase());
		if (edits < least && edits <= Math.max(1, name.length / 3)) {
			best = name;
			least = edits;
		}
	}
	return best;
}

/** Two neighbours that changed places are one slip of the fingers, although it takes two edits to undo it. */
function editsBetween(word: string, name: string): number {
	const edits = distance(word, name);
	if (edits !== 2 || word.length !== name.length) return edits;
	const at = [...word].findIndex((letter, index) => letter !== name[index]);
	return word[at] === name[at + 1] && word[at + 1] === name[at] ? 1 : edits;
}
