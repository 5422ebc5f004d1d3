import { platform } from 'node:os';
import { fileURLToPath } from 'node:url';
import { mebibytes, share } from '../harness/columns.mjs';
import { runForFigures } from '../processes/run-for-figures.mjs';

/** @typedef {import('../harness/peers.mjs').Peer} Peer */
/** @typedef {import('../harness/scale.mjs').Scale} Scale */

const load = fileURLToPath(new URL('../terminal-load.mjs', import.meta.url));

/** Events a second that are shown. */
const perSecond = 1000;

const screens = [
	{ id: 'events-80x24', title: 'orchestra top, 80×24, events', columns: 80, rows: 24, pane: '3' },
	{ id: 'events-160x50', title: 'orchestra top, 160×50, events', columns: 160, rows: 50, pane: '3' },
];

/**
 * @param {Peer[]} peers
 * @param {Scale} scale
 * @param {import('../harness/commands.mjs').Commands} commands
 * @param {{ certsDir: string, servedAddress: () => Promise<string> }} served
 * @returns {import('./case.mjs').Group}
 */
export function terminalInterface(peers, { screenMs, screenWarmUpMs, deadlineMs }, commands, served) {
	// Only Linux tells the processor time of another process to a hundredth of a second.
	const peer = platform() === 'linux' ? peers.find(({ id }) => id === 'tcp') : undefined;
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'terminal',
		title: `the terminal interface at ${perSecond.toLocaleString('en-US')} events a second`,
		columns: [share('cpuShare', 'of a core'), mebibytes('bytesPerSecond', 'MiB/s to the terminal')],
		rows: screens.map(({ id, title, columns, rows, pane }) => ({
			id,
			title,
			...(peer ? { peer } : {}),
			measure: async () => {
				const timing = { perSecond, warmUpMs: screenWarmUpMs, loadMs: screenMs };
				const task = JSON.stringify({
					address: await served.servedAddress(),
					columns,
					rows,
					pane,
					...timing,
					certsDir: served.certsDir,
				});
				return runForFigures(commands.runtime('node', [load, task], id), deadlineMs);
			},
		})),
	};
	return { id: 'terminal', title: 'The terminal interface', warm: false, cases: [one] };
}
