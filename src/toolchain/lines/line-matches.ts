import { diffArrays } from 'diff';

/** Steps of a comparison at most; beyond that two texts have nothing in common. Each line in which they differ takes as many as the shorter has lines. */
const maxSteps = 4_000_000;

/**
 * Lines of one text that are also in another, in the same order: as many as there can be.
 *
 * @returns for each line of `a` the index of the same line in `b`, or -1
 */
export function lineMatches(a: readonly string[], b: readonly string[]): Int32Array {
	const matches = new Int32Array(a.length).fill(-1);
	const shorter = Math.max(1, Math.min(a.length, b.length));
	// Where both are long, no more steps are taken for a line than lines differ before it.
	const maxEditLength = Math.floor(Math.max(Math.sqrt(maxSteps), maxSteps / shorter));
	let [i, j] = [0, 0];
	for (const { added, removed, count } of diffArrays([...a], [...b], { maxEditLength }) ?? []) {
		if (added) j += count;
		else if (removed) i += count;
		else for (let left = count; left > 0; left--) matches[i++] = j++;
	}
	return matches;
}
