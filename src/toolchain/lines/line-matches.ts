/** Pairs of lines that are compared at most; beyond that two texts have nothing in common but their beginning and their end. */
const maxPairs = 10_000_000;

/**
 * Lines of one text that are also in another, in the same order: as many as there can be.
 *
 * @returns for each line of `a` the index of the same line in `b`, or -1
 */
export function lineMatches(a: readonly string[], b: readonly string[]): Int32Array {
	const matches = new Int32Array(a.length).fill(-1);
	let start = 0;
	while (start < a.length && start < b.length && a[start] === b[start]) {
		matches[start] = start;
		start++;
	}
	let [endA, endB] = [a.length, b.length];
	while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) matches[--endA] = --endB;
	matchMiddle(matches, a.slice(start, endA), b.slice(start, endB), start);
	return matches;
}

/** The longest common subsequence, by the table of those of all ends of both. */
function matchMiddle(matches: Int32Array, a: readonly string[], b: readonly string[], offset: number): void {
	const width = b.length + 1;
	if (a.length === 0 || b.length === 0 || a.length * b.length > maxPairs) return;
	const lengths = new Uint32Array((a.length + 1) * width);
	const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
	for (let i = a.length - 1; i >= 0; i--) {
		for (let j = b.length - 1; j >= 0; j--) {
			lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
		}
	}
	let [i, j] = [0, 0];
	while (i < a.length && j < b.length) {
		if (a[i] === b[j]) matches[offset + i++] = offset + j++;
		else if (at(i + 1, j) >= at(i, j + 1)) i++;
		else j++;
	}
}
