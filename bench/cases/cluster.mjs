import { fileURLToPath } from 'node:url';
import { callsPerSecond, eventsPerSecond, p50, p99 } from '../harness/columns.mjs';
import { runForFigures } from '../processes/run-for-figures.mjs';

/** @typedef {import('../harness/peers.mjs').Peer} Peer */

const clusterCalls = fileURLToPath(new URL('../cluster-calls.mjs', import.meta.url));

/** How one node reaches the other. */
const ways = [
	{ way: 'nats', title: 'NATS alone, request and reply' },
	{ way: 'through', title: 'orchestrators, through NATS' },
	{ way: 'tcp', title: 'orchestrators, tcp, the address is configured' },
	{ way: 'direct', title: 'orchestrators, tcp, found by NATS' },
];

/**
 * Calls and events between two nodes of a cluster, beside NATS alone.
 *
 * @param {Peer[]} peers
 * @param {import('../harness/scale.mjs').Scale} scale
 * @param {import('../harness/commands.mjs').Commands} commands
 * @param {string} certsDir
 * @returns {import('./case.mjs').Group}
 */
export function clusteredCalls(peers, scale, commands, certsDir) {
	const peer = peers.find(({ id }) => id === 'tcp');
	const { loadMs, warmUpMs, clusterEvents, deadlineMs } = scale;
	const row = (/** @type {{ way: string, title: string }} */ { way, title }, /** @type {object} */ task) => ({
		id: way,
		title,
		...(peer ? { peer } : {}),
		measure: () => {
			const given = JSON.stringify({ way, certsDir, ...task });
			return runForFigures(commands.runtime('node', [clusterCalls, given], `cluster-${way}`), deadlineMs);
		},
	});
	const calls = [1, 64].map((concurrency) => ({
		id: `cluster-100B-c${concurrency}`,
		title: `100 B from one node to another, ${concurrency} in flight`,
		columns: [p50, p99, callsPerSecond],
		ratio: { row: 'nats', title: '× NATS alone', faster: /** @type {const} */ ('as is') },
		rows: ways.map((one) => row(one, { load: { bytes: 100, concurrency, milliseconds: loadMs, warmUpMs } })),
	}));
	const events = {
		id: 'cluster-events',
		title: `${clusterEvents.toLocaleString('en-US')} events of 100 bytes that are kept by JetStream, from one node to another`,
		columns: [eventsPerSecond],
		ratio: { row: 'nats', title: '× NATS alone', faster: /** @type {const} */ ('as is') },
		rows: ways
			.filter(({ way }) => way === 'nats' || way === 'through')
			.map((one) => row(one, { events: clusterEvents })),
	};
	return { id: 'cluster', title: 'Between machines', warm: false, cases: [...calls, events] };
}
