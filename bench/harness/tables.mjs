import { short } from './columns.mjs';

/** @typedef {import('./results.mjs').CaseResult} CaseResult */
/** @typedef {import('./results.mjs').RowResult} RowResult */

/**
 * A case as a table of texts, its first line the titles.
 *
 * @param {CaseResult} result
 * @returns {string[][]}
 */
export function tableOf({ columns, rows, ratioTitle }) {
	const first = columns[0]?.title ?? '';
	const titles = [
		'',
		first,
		'±',
		...columns.slice(1).map(({ title }) => title),
		...(ratioTitle ? [ratioTitle] : []),
	];
	const lines = rows.map((row) => {
		const [value = '–', ...others] = columns.map(({ key, format }) => {
			const found = row.median[key];
			return found === undefined ? '–' : format(found);
		});
		const spread = row.spread === undefined ? '' : `${Math.round(row.spread * 100)} %`;
		const ratio = ratioTitle ? [row.ratio === undefined ? '–' : short(row.ratio)] : [];
		return [row.title, row.failure === undefined ? value : 'failed', spread, ...others, ...ratio];
	});
	return [titles, ...lines];
}

/**
 * The same for a terminal: numbers to the right.
 *
 * @param {string[][]} table
 */
export function aligned(table) {
	const widths = (table[0] ?? []).map((_, column) =>
		Math.max(...table.map((line) => line[column]?.length ?? 0)),
	);
	return table
		.map((line) =>
			line
				.map((text, column) =>
					column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
				)
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}

/**
 * The same for Markdown.
 *
 * @param {string[][]} table
 */
export function markdownTable([titles = [], ...lines]) {
	const line = (/** @type {string[]} */ texts) => `| ${texts.join(' | ')} |`;
	const rule = titles.map((_, column) => (column === 0 ? '---' : '---:'));
	return [line(titles), line(rule), ...lines.map(line)].join('\n');
}
