import { fileURLToPath } from 'node:url';
import { milliseconds } from '../harness/columns.mjs';
import { median } from '../harness/statistics.mjs';
import { runForFigures } from '../processes/run-for-figures.mjs';
import { runToEnd } from '../processes/run-to-end.mjs';
import { rowsOf, toGrpc } from './case.mjs';

/** @typedef {import('../harness/peers.mjs').Peer} Peer */
/** @typedef {import('../harness/scale.mjs').Scale} Scale */

/**
 * @param {Peer[]} peers
 * @param {Scale} scale
 * @returns {import('./case.mjs').Group}
 */
export function connecting(peers, { connections, deadlineMs }) {
	const dialling = peers.filter((peer) => peer.dials);
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'connect',
		title: 'a new connection and its first call',
		columns: [milliseconds],
		ratio: toGrpc('less'),
		rows: rowsOf(dialling, ({ client }) => client.ask('connect', { times: connections }, deadlineMs)),
	};
	return { id: 'connect', title: 'Connecting', warm: true, cases: [one] };
}

/**
 * The start of a runtime that does nothing, to compare starts to.
 *
 * @param {import('../harness/commands.mjs').Commands} commands
 * @param {Scale} scale
 * @param {'node' | 'deno'} runtime
 * @param {string} emptyFile
 * @returns {import('./case.mjs').Row}
 */
export function emptyStart(commands, scale, runtime, emptyFile) {
	const title = runtime === 'node' ? 'an empty file in Node' : 'an empty file in Deno';
	return programRow(`empty-${runtime}`, title, scale, () => commands.runtime(runtime, [emptyFile]));
}

/**
 * A program that is run to its end.
 *
 * @param {string} id
 * @param {string} title
 * @param {Scale} scale
 * @param {() => Promise<string[]> | string[]} command
 * @param {string=} baseline
 * @returns {import('./case.mjs').Row}
 */
export function programRow(id, title, { starts, deadlineMs }, command, baseline) {
	return {
		id,
		title,
		...(baseline ? { baseline } : {}),
		async measure() {
			const line = await command();
			const taken = [];
			for (let i = 0; i < starts; i++) taken.push(await runToEnd(line, deadlineMs));
			return { medianMs: median(taken) };
		},
	};
}

/** @type {NonNullable<import('./case.mjs').Case['ratio']>} */
export const toEmptyNode = { row: 'empty-node', title: '× empty start', faster: 'as is' };

/**
 * @param {Peer[]} peers
 * @param {Scale} scale
 * @param {import('./case.mjs').Row[]} emptyStarts
 * @returns {import('./case.mjs').Group}
 */
export function spawning(peers, { spawns, deadlineMs }, emptyStarts) {
	const launching = peers.filter((peer) => peer.launches);
	const rows = rowsOf(launching, ({ client }) => client.ask('spawn', { times: spawns }, deadlineMs));
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'spawn',
		title: 'a new process and the first result of its tool, seen by a client that runs already',
		columns: [milliseconds],
		ratio: toEmptyNode,
		rows: [
			...emptyStarts,
			...rows.map((row) => (row.peer?.runtime === 'deno' ? { ...row, baseline: 'empty-deno' } : row)),
		],
	};
	const listing = launching.filter(({ groups }) => groups.includes('mcp-servers'));
	/** @type {import('./case.mjs').Case} */
	const lists = {
		id: 'first-list',
		title: 'a new process and its first list of tools, as a client of MCP waits for it',
		columns: [milliseconds],
		ratio: toEmptyNode,
		rows: [
			...emptyStarts.slice(0, 1),
			...rowsOf(listing, ({ client }) => client.ask('spawnAndList', { times: spawns }, deadlineMs)),
		],
	};
	return { id: 'spawn', title: 'From start to first result', warm: false, cases: [one, lists] };
}

const restartHost = fileURLToPath(new URL('../restart-host.mjs', import.meta.url));

/**
 * @param {Peer[]} peers
 * @param {Scale} scale
 * @param {import('../harness/commands.mjs').Commands} commands
 * @param {string} certsDir
 * @param {import('./case.mjs').Row[]} emptyStarts
 * @returns {import('./case.mjs').Group}
 */
export function restarting(peers, { spawns, deadlineMs }, commands, certsDir, emptyStarts) {
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'restart',
		title: 'a supervised plugin that is killed: until the next process of it answers, without back-off',
		columns: [milliseconds],
		ratio: toEmptyNode,
		rows: [
			...emptyStarts,
			...peers
				.filter(({ groups, launches }) => launches && groups.includes('ours'))
				.map((peer) => ({
					id: peer.id,
					title: peer.title,
					peer,
					...(peer.runtime === 'deno' ? { baseline: 'empty-deno' } : {}),
					measure: () => {
						const command = commands.runtime(peer.runtime, peer.launched ?? peer.server ?? []);
						const task = JSON.stringify({ carrier: peer.carrier, times: spawns, certsDir, command });
						return runForFigures(commands.runtime(peer.runtime, [restartHost, task]), deadlineMs);
					},
				})),
		],
	};
	return { id: 'restart', title: 'From crash to ready again', warm: false, cases: [one] };
}
