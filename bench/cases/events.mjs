import { fileURLToPath } from 'node:url';
import { eventsPerSecond, share } from '../harness/columns.mjs';
import { runForFigures } from '../processes/run-for-figures.mjs';

/** @typedef {import('../harness/peers.mjs').Peer} Peer */
/** @typedef {import('../harness/scale.mjs').Scale} Scale */

const hub = fileURLToPath(new URL('../events-hub.mjs', import.meta.url));

/**
 * How an event reaches its subscriber, by the row that it belongs to.
 *
 * @type {Record<string, { way: string, title: string }[]>}
 */
const ways = {
	'in-process': [
		{ way: 'bus', title: 'the bus alone' },
		{ way: 'plugin', title: 'an embedded plugin' },
		{ way: 'client', title: 'a client in process' },
	],
	tcp: [{ way: 'tcp', title: 'a client over tcp' }],
	quic: [{ way: 'quic', title: 'a client over quic' }],
};

/**
 * @param {Peer[]} peers
 * @param {Scale} scale
 * @param {import('../harness/commands.mjs').Commands} commands
 * @param {string} certsDir
 * @returns {import('./case.mjs').Group}
 */
export function publishedEvents(peers, { events, deadlineMs }, commands, certsDir) {
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'events',
		title: `${events.toLocaleString('en-US')} events of 100 bytes to one subscriber, as fast as they can be published`,
		columns: [eventsPerSecond, share('missedShare', 'missed')],
		rows: peers.flatMap((peer) =>
			(ways[peer.id] ?? []).map(({ way, title }) => ({
				id: way,
				title,
				peer,
				measure: () => {
					const task = JSON.stringify({ way, events, certsDir });
					return runForFigures(commands.runtime('node', [hub, task], `events-${way}`), deadlineMs);
				},
			})),
		),
	};
	return { id: 'events', title: 'Events', warm: false, cases: [one] };
}
