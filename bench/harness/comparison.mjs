import { short } from './columns.mjs';

/**
 * The ratios of a report that was kept, by the title of the case and then of the row.
 *
 * @typedef {Map<string, Map<string, { ratio: number, spread: number }>>} KeptRatios
 */

/** How much worse a ratio has to be to be told: less is chance. */
const tolerance = 1.1;

/**
 * Reads the tables that --markdown has written: a line with the title, an empty one, the table, whose last column has the ratios.
 *
 * @param {string} markdown
 * @returns {KeptRatios}
 */
export function keptRatios(markdown) {
	/** @type {KeptRatios} */
	const kept = new Map();
	for (const [, title = '', table = ''] of markdown.matchAll(/^(.+):\n\n((?:\|.*\|\n)+)/gm)) {
		const [head = [], , ...lines] = table.trim().split('\n').map(cellsOf);
		if (!head.at(-1)?.startsWith('×')) continue;
		const rows = new Map();
		for (const cells of lines) {
			const ratio = Number(cells.at(-1)?.replaceAll(',', ''));
			if (ratio > 0) rows.set(cells[0], { ratio, spread: (Number.parseFloat(cells[2] ?? '') || 0) / 100 });
		}
		kept.set(title, rows);
	}
	return kept;
}

/** @param {string} line */
function cellsOf(line) {
	return line
		.slice(1, -1)
		.split('|')
		.map((cell) => cell.trim());
}

/**
 * Which ratios got worse, the worst first: by more than a tenth, and by more than both runs spread.
 *
 * @param {import('./report.mjs').Run} run
 * @param {KeptRatios} kept
 */
export function comparisonReport({ groups }, kept) {
	let compared = 0;
	/** @type {{ times: number, text: string }[]} */
	const worse = [];
	for (const { title, rows, lessIsBetter } of groups.flatMap(({ cases }) => cases)) {
		for (const row of rows) {
			const before = kept.get(title)?.get(row.title);
			if (!before || row.ratio === undefined) continue;
			compared++;
			const times = lessIsBetter ? row.ratio / before.ratio : before.ratio / row.ratio;
			const noise = (1 + before.spread) * (1 + (row.spread ?? 0));
			if (times <= Math.max(tolerance, noise)) continue;
			worse.push({ times, text: `${title}: ${row.title} ${short(before.ratio)} → ${short(row.ratio)}` });
		}
	}
	if (compared === 0) return 'No ratio of this run is in the figures that were kept.';
	const heading = `Of ${compared} ratios ${worse.length === 0 ? 'none is' : `${worse.length} are`} worse than the figures that were kept`;
	worse.sort((a, b) => b.times - a.times);
	return [`${heading}.`, ...worse.map(({ text }) => `! ${text}`)].join('\n');
}
