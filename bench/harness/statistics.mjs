/**
 * @param {number[]} values
 * @returns {number}
 */
export function median(values) {
	const sorted = [...values].sort((a, b) => a - b);
	const middle = sorted.length >> 1;
	const upper = sorted[middle] ?? Number.NaN;
	return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/**
 * Half of the distance from the least to the greatest, as a share of the median.
 *
 * @param {number[]} values
 */
export function spread(values) {
	if (values.length < 2) return undefined;
	return (Math.max(...values) - Math.min(...values)) / 2 / median(values);
}

/**
 * The median of the ratios within each round: a machine that drifts, drifts for both.
 *
 * @param {Map<number, number>} values by round
 * @param {Map<number, number>} references by round
 */
export function medianRatio(values, references) {
	const ratios = [];
	for (const [round, value] of values) {
		const reference = references.get(round);
		if (reference !== undefined) ratios.push(value / reference);
	}
	return ratios.length === 0 ? undefined : median(ratios);
}
