import { aligned, markdownTable, tableOf } from './tables.mjs';

/** @typedef {import('./results.mjs').GroupResult} GroupResult */

/**
 * All that a run has found out.
 *
 * @typedef {object} Run
 * @property {string} started ISO 8601, UTC
 * @property {boolean} quick
 * @property {number} rounds
 * @property {import('./machine.mjs').Machine} machine
 * @property {string[]} notes what a reader has to know: a busy machine, what was skipped, that the run was cut short
 * @property {GroupResult[]} groups
 */

/** @param {Run} run */
export function terminalReport({ groups, notes, ...run }) {
	const parts = [heading(run), ...notes.map((note) => `! ${note}`)];
	for (const { title, cases } of groups) {
		parts.push('', title.toUpperCase());
		for (const one of cases) {
			if (one.rows.length > 0) parts.push('', one.title, aligned(tableOf(one)), ...failures(one));
		}
	}
	return `${parts.join('\n')}\n`;
}

/** @param {Run} run */
export function markdownReport({ groups, notes, ...run }) {
	const parts = [heading(run)];
	if (run.quick) {
		parts.push('', '**This was a quick run: it shows that everything works. Its figures mean nothing.**');
	}
	parts.push(...notes.flatMap((note) => ['', `Note: ${note}.`]));
	for (const { title, cases } of groups) {
		parts.push('', `### ${title}`);
		for (const one of cases) {
			if (one.rows.length === 0) continue;
			parts.push(
				'',
				`${one.title}:`,
				'',
				markdownTable(tableOf(one)),
				...failures(one).flatMap((line) => ['', line]),
			);
		}
	}
	return parts.join('\n');
}

/** @param {Pick<Run, 'started' | 'quick' | 'rounds' | 'machine'>} run */
function heading({ started, quick, rounds, machine }) {
	const { cpu, cores, memoryGiB, system, versions, loadBefore } = machine;
	const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
	return (
		`${started.slice(0, 10)}, ${quick ? 'QUICK run, ' : ''}${rounds} round${rounds === 1 ? '' : 's'}; ` +
		`${cpu}, ${cores} cores, ${memoryGiB} GiB; ${system}; ${programs.join(', ')}; load ${loadBefore.toFixed(2)} before.`
	);
}

/** @param {import('./results.mjs').CaseResult} one */
function failures({ rows }) {
	return rows.flatMap(({ title, failure }) => (failure === undefined ? [] : [`${title} failed: ${failure}`]));
}
