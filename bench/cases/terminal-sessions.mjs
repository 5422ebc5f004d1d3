import { fileURLToPath } from 'node:url';
import { megabytesPerSecond, short } from '../harness/columns.mjs';
import { runForFigures } from '../processes/run-for-figures.mjs';

const load = fileURLToPath(new URL('../terminal-sessions.mjs', import.meta.url));

/**
 * @param {import('../harness/peers.mjs').Peer[]} peers
 * @param {import('../harness/scale.mjs').Scale} scale
 * @param {import('../harness/commands.mjs').Commands} commands
 * @param {string} certsDir
 * @returns {import('./case.mjs').Group}
 */
export function terminalSessions(peers, { echoes, floodBytes, deadlineMs }, commands, certsDir) {
	const megabytes = (floodBytes / 1e6).toLocaleString('en-US');
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'terminal-sessions',
		title: `a byte typed into a terminal session comes back, alone and while ${megabytes} MB come through another one`,
		columns: [
			{ key: 'aloneP50Ms', title: 'p50 ms alone', format: short },
			{ key: 'aloneP99Ms', title: 'p99 ms alone', format: short },
			{ key: 'floodedP50Ms', title: 'p50 ms in the flood', format: short },
			{ key: 'floodedP99Ms', title: 'p99 ms in the flood', format: short },
			megabytesPerSecond,
		],
		rows: peers
			.filter(({ id }) => id === 'tcp' || id === 'quic')
			.map((peer) => ({
				id: peer.id,
				title: peer.title,
				peer,
				measure: () => {
					const task = JSON.stringify({ carrier: peer.id, echoes, floodBytes, certsDir });
					return runForFigures(commands.runtime(peer.runtime, [load, task]), deadlineMs);
				},
			})),
	};
	return { id: 'terminal-sessions', title: 'Terminal sessions', warm: false, cases: [one] };
}
