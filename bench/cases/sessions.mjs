import { fileURLToPath } from 'node:url';
import { short } from '../harness/columns.mjs';
import { runForFigures } from '../processes/run-for-figures.mjs';

const openSessions = fileURLToPath(new URL('../open-sessions.mjs', import.meta.url));

/** @type {(bytes: number) => string} */
const kibibytes = (bytes) => (bytes / 1024).toFixed(0);

/**
 * @param {import('../harness/peers.mjs').Peer[]} peers
 * @param {import('../harness/scale.mjs').Scale} scale
 * @param {import('../harness/commands.mjs').Commands} commands
 * @returns {import('./case.mjs').Group}
 */
export function openedSessions(peers, { sessions, deadlineMs }, commands) {
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'sessions',
		title: `${sessions.toLocaleString('en-US')} sessions with a part of one plugin are opened, then closed, in one process`,
		columns: [
			{ key: 'openMicroseconds', title: 'µs to open', format: short },
			{ key: 'closeMicroseconds', title: 'µs to close', format: short },
			{ key: 'slowestBuildMs', title: 'slowest build ms', format: short },
			{ key: 'leftSessions', title: 'sessions left', format: short },
			{ key: 'leftBytes', title: 'KiB of heap left', format: kibibytes },
		],
		rows: peers
			.filter(({ id }) => id === 'in-process')
			.map((peer) => ({
				id: peer.id,
				title: peer.title,
				peer,
				measure: () => {
					const task = JSON.stringify({ count: sessions });
					return runForFigures(commands.runtime(peer.runtime, [openSessions, task]), deadlineMs);
				},
			})),
	};
	return { id: 'sessions', title: 'Sessions', warm: false, cases: [one] };
}
