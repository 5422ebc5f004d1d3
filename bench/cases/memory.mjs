import { growth, mebibytes } from '../harness/columns.mjs';
import { residentMemory } from '../processes/resident-memory.mjs';
import { rowsOf } from './case.mjs';

/** Milliseconds after the last call: what is freed at once may be freed. */
const settleMs = 300;

const load = { bytes: 100, concurrency: 64, milliseconds: 3_600_000 };

/**
 * @param {import('../harness/peers.mjs').Peer[]} peers
 * @param {import('../harness/scale.mjs').Scale} scale
 * @returns {import('./case.mjs').Group}
 */
export function memory(peers, { callsBefore, callsAfter, deadlineMs }) {
	const before = callsBefore.toLocaleString('en-US');
	const after = callsAfter.toLocaleString('en-US');
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'memory',
		title: `resident memory after ${before} and after ${after} calls, 64 in flight, without a warm-up`,
		columns: [
			mebibytes('serverBefore', `server MiB, ${before}`),
			mebibytes('serverAfter', `${after}`),
			growth('serverGrowth', 'growth'),
			mebibytes('clientBefore', `client MiB, ${before}`),
			mebibytes('clientAfter', `${after}`),
			growth('clientGrowth', 'growth'),
		],
		maxRounds: 2,
		rows: rowsOf(peers, async (session) => {
			await session.client.ask('load', { ...load, maxCalls: callsBefore }, deadlineMs);
			const first = await look(session);
			await session.client.ask('load', { ...load, maxCalls: callsAfter - callsBefore }, deadlineMs);
			const second = await look(session);
			return {
				serverBefore: first.server,
				serverAfter: second.server,
				serverGrowth: share(first.server, second.server),
				clientBefore: first.client,
				clientAfter: second.client,
				clientGrowth: share(first.client, second.client),
			};
		}),
	};
	return { id: 'memory', title: 'Memory after many calls', warm: false, cases: [one] };
}

/**
 * The same with a garbage collection in both processes before each look, where they can be asked for one.
 *
 * @param {import('../harness/peers.mjs').Peer[]} peers
 * @param {import('../harness/scale.mjs').Scale} scale
 * @returns {import('./case.mjs').Group}
 */
export function collectedMemories(peers, { callsBefore, callsAfter, restMs, deadlineMs }) {
	const ours = peers.filter(({ groups, embedded }) => groups.includes('ours') && !embedded);
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'memory-collected',
		title: `resident memory after ${callsBefore.toLocaleString('en-US')} and after ${callsAfter.toLocaleString('en-US')} calls more, each after a rest and a collection`,
		columns: [
			mebibytes('serverBefore', 'server MiB, before'),
			mebibytes('serverAfter', 'after'),
			growth('serverGrowth', 'growth'),
			mebibytes('clientBefore', 'client MiB, before'),
			mebibytes('clientAfter', 'after'),
			growth('clientGrowth', 'growth'),
		],
		maxRounds: 2,
		rows: rowsOf(ours, async ({ client }) => {
			await client.ask('load', { ...load, maxCalls: callsBefore }, deadlineMs);
			const { server: serverBefore, client: clientBefore } = await client.ask(
				'collect',
				{ restMs },
				deadlineMs,
			);
			await client.ask('load', { ...load, maxCalls: callsAfter }, deadlineMs);
			const { server: serverAfter, client: clientAfter } = await client.ask(
				'collect',
				{ restMs },
				deadlineMs,
			);
			return {
				...{ serverBefore, serverAfter, serverGrowth: share(serverBefore, serverAfter) },
				...{ clientBefore, clientAfter, clientGrowth: share(clientBefore, clientAfter) },
			};
		}),
	};
	return { id: 'memory-collected', title: 'Memory after a collection', warm: false, cases: [one] };
}

/** @param {import('../harness/sessions.mjs').Session} session */
async function look({ serverPid, clientPid }) {
	await new Promise((resolve) => setTimeout(resolve, settleMs));
	return { server: residentMemory(serverPid), client: residentMemory(clientPid) };
}

/**
 * @param {number | undefined} first
 * @param {number | undefined} second
 */
function share(first, second) {
	return first === undefined || second === undefined ? undefined : second / first - 1;
}
