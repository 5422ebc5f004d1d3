import { Sessions } from './sessions.mjs';

/** @typedef {import('../cases/case.mjs').Group} Group */
/** @typedef {import('../cases/case.mjs').Row} Row */

/**
 * What was measured of one row of one case.
 *
 * @typedef {object} Measured
 * @property {{ round: number, metrics: Record<string, number | undefined> }[]} rounds
 * @property {string=} failure why there are no more rounds
 */

/** By case, then by row. @typedef {Map<string, Map<string, Measured>>} Measurements */

/**
 * Measures every row of every case, in rounds. Within a case the rows take turns, beginning with another one each round; each
 * round of a group has new processes, unless they are kept. What fails once is not tried again in that case.
 *
 * @param {Group[]} groups
 * @param {object} options
 * @param {import('./commands.mjs').Commands} options.commands
 * @param {number} options.rounds
 * @param {number} options.runMs after which nothing more is measured
 * @param {boolean} options.keepProcesses one pair for each peer in the whole run: quicker
 * @param {(line: string) => void} options.tell
 * @returns {Promise<{ measurements: Measurements, cutShort: boolean }>}
 */
export async function measureAll(groups, { commands, rounds, runMs, keepProcesses, tell }) {
	/** @type {Measurements} */
	const measurements = new Map();
	const endsAt = Date.now() + runMs;
	const kept = keepProcesses ? new Sessions(commands, true) : undefined;
	try {
		for (const group of groups) {
			for (let round = 0; round < rounds; round++) {
				const sessions = kept ?? new Sessions(commands, group.warm);
				try {
					for (const { one, row } of turns(group, round, rounds)) {
						if (Date.now() > endsAt) return { measurements, cutShort: true };
						const measured = entry(measurements, one.id, row.id);
						if (measured.failure !== undefined) continue;
						tell(`${one.id}, round ${round + 1}: ${row.title}`);
						await measureRow(row, round, measured, sessions);
						if (measured.failure !== undefined) tell(`${one.id}: ${row.title} FAILED: ${measured.failure}`);
					}
				} finally {
					if (sessions !== kept) await sessions.close();
				}
			}
		}
	} finally {
		await kept?.close();
	}
	return { measurements, cutShort: false };
}

/**
 * Who is measured in a round, in that order.
 *
 * @param {Group} group
 * @param {number} round
 * @param {number} rounds
 */
function turns({ cases }, round, rounds) {
	return cases
		.filter(({ maxRounds = rounds }) => round < maxRounds)
		.flatMap((one) => turned(one.rows, round).map((row) => ({ one, row })));
}

/**
 * @param {Row} row
 * @param {number} round
 * @param {Measured} measured
 * @param {Sessions} sessions
 */
async function measureRow(row, round, measured, sessions) {
	try {
		measured.rounds.push({ round, metrics: await row.measure({ sessions }) });
	} catch (error) {
		measured.failure = error instanceof Error ? error.message : String(error);
		if (row.peer) await sessions.drop(row.peer);
	}
}

/**
 * @param {Measurements} measurements
 * @param {string} caseId
 * @param {string} rowId
 */
function entry(measurements, caseId, rowId) {
	const rows = measurements.get(caseId) ?? new Map();
	measurements.set(caseId, rows);
	/** @type {Measured} */
	const measured = rows.get(rowId) ?? { rounds: [] };
	rows.set(rowId, measured);
	return measured;
}

/**
 * @template T
 * @param {T[]} list
 * @param {number} by
 * @returns {T[]}
 */
function turned(list, by) {
	const first = list.length === 0 ? 0 : by % list.length;
	return [...list.slice(first), ...list.slice(0, first)];
}
