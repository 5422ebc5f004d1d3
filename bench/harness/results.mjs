import { median, medianRatio, spread } from './statistics.mjs';

/** @typedef {import('../cases/case.mjs').Case} Case */
/** @typedef {import('./measure.mjs').Measured} Measured */

/**
 * @typedef {object} RowResult
 * @property {string} id
 * @property {string} title
 * @property {Record<string, number>} median of each metric, over the rounds
 * @property {number=} spread of the first column: half of the distance from the least to the greatest, as a share of the median
 * @property {number=} ratio the median of the ratios of each round
 * @property {Record<string, number | undefined>[]} rounds
 * @property {string=} failure
 */

/** @typedef {{ id: string, title: string, ratioTitle?: string, lessIsBetter?: boolean, columns: import('./columns.mjs').Column[], rows: RowResult[] }} CaseResult */
/** @typedef {{ id: string, title: string, cases: CaseResult[] }} GroupResult */

/**
 * @param {import('../cases/case.mjs').Group[]} groups
 * @param {import('./measure.mjs').Measurements} measurements
 * @returns {GroupResult[]}
 */
export function resultsOf(groups, measurements) {
	return groups.map(({ id, title, cases }) => ({
		id,
		title,
		cases: cases.map((one) => caseResult(one, measurements.get(one.id) ?? new Map())),
	}));
}

/**
 * @param {Case} one
 * @param {Map<string, Measured>} measured
 * @returns {CaseResult}
 */
function caseResult({ id, title, columns, ratio, rows }, measured) {
	const primary = columns[0]?.key ?? '';
	const rowResults = rows.flatMap((row) => {
		const own = measured.get(row.id);
		if (!own) return [];
		const { rounds, failure } = own;
		const values = byRound(own, primary);
		const references = ratio && byRound(measured.get(row.baseline ?? ratio.row), primary);
		const quotient = references && medianRatio(values, references);
		return [
			{
				id: row.id,
				title: row.title,
				median: medians(rounds.map(({ metrics }) => metrics)),
				spread: spread([...values.values()]),
				ratio: quotient !== undefined && ratio?.faster === 'less' ? 1 / quotient : quotient,
				rounds: rounds.map(({ metrics }) => metrics),
				failure,
			},
		];
	});
	return {
		id,
		title,
		...(ratio ? { ratioTitle: ratio.title, lessIsBetter: ratio.faster === 'as is' } : {}),
		columns,
		rows: rowResults,
	};
}

/**
 * @param {Measured | undefined} measured
 * @param {string} key
 * @returns {Map<number, number>}
 */
function byRound(measured, key) {
	const values = new Map();
	for (const { round, metrics } of measured?.rounds ?? []) {
		if (metrics[key] !== undefined) values.set(round, metrics[key]);
	}
	return values;
}

/** @param {Record<string, number | undefined>[]} rounds */
function medians(rounds) {
	/** @type {Record<string, number>} */
	const result = {};
	for (const key of new Set(rounds.flatMap(Object.keys))) {
		const values = rounds.map((metrics) => metrics[key]).filter((value) => value !== undefined);
		if (values.length > 0) result[key] = median(values);
	}
	return result;
}
