import { fileURLToPath } from 'node:url';
import { short } from '../harness/columns.mjs';
import { runForFigures } from '../processes/run-for-figures.mjs';
import { worstMessages } from '../worst-messages.mjs';

const decodeWorst = fileURLToPath(new URL('../decode-worst.mjs', import.meta.url));

/**
 * @param {import('../harness/peers.mjs').Peer[]} peers
 * @param {import('../harness/scale.mjs').Scale} scale
 * @param {import('../harness/commands.mjs').Commands} commands
 * @returns {import('./case.mjs').Group}
 */
export function decodedWorst(peers, { worstBytes, deadlineMs }, commands) {
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'decode-worst',
		title: `a request of ${(worstBytes / 2 ** 20).toFixed(1)} MiB that costs its reader much, and the same as JSON`,
		columns: [
			{ key: 'oursMs', title: 'ms', format: short },
			{ key: 'jsonMs', title: 'JSON.parse ms', format: short },
			{ key: 'ratio', title: 'times JSON.parse', format: short },
		],
		maxRounds: 2,
		rows: peers
			.filter(({ id }) => id === 'in-process')
			.flatMap((peer) =>
				worstMessages.map((which, index) => ({
					id: `worst-${index}`,
					title: which,
					peer,
					measure: () => {
						const task = JSON.stringify({ which, bytes: worstBytes, rounds: 2 });
						return runForFigures(commands.runtime(peer.runtime, [decodeWorst, task]), deadlineMs);
					},
				})),
			),
	};
	return { id: 'decoding', title: 'Reading the worst', warm: false, cases: [one] };
}
