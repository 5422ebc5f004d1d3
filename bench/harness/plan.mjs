import { largeEchoes, unaryCalls } from '../cases/calls.mjs';
import { clusteredCalls } from '../cases/cluster.mjs';
import { decodedWorst } from '../cases/decoding.mjs';
import { publishedEvents } from '../cases/events.mjs';
import { executableStarts } from '../cases/executable.mjs';
import { collectedMemories, memory } from '../cases/memory.mjs';
import { openedSessions } from '../cases/sessions.mjs';
import { connecting, emptyStart, restarting, spawning } from '../cases/starts.mjs';
import { slowReader, smallChunks } from '../cases/streams.mjs';
import { terminalInterface } from '../cases/terminal.mjs';
import { terminalSessions } from '../cases/terminal-sessions.mjs';

/** @typedef {import('../cases/case.mjs').Group} Group */

/**
 * All cases that this run measures.
 *
 * @param {object} given
 * @param {import('./peers.mjs').Peer[]} given.peers
 * @param {boolean} given.cli
 * @param {import('./scale.mjs').Scale} given.scale
 * @param {import('./commands.mjs').Commands} given.commands
 * @param {string} given.emptyFile
 * @param {{ certsDir: string, servedAddress: () => Promise<string> }} given.served
 * @param {boolean} given.nats whether there is a NATS server
 * @param {string[]} given.cases names, or how they begin; none for all
 * @returns {Group[]}
 */
export function plan({ peers, cli, scale, commands, emptyFile, served, cases, nats }) {
	/** @type {('node' | 'deno')[]} */
	const runtimes = peers.some(({ runtime }) => runtime === 'deno') ? ['node', 'deno'] : ['node'];
	const emptyStarts = runtimes.map((runtime) => emptyStart(commands, scale, runtime, emptyFile));
	const groups = [
		unaryCalls(peers, scale),
		largeEchoes(peers, scale),
		smallChunks(peers, scale),
		publishedEvents(peers, scale, commands, served.certsDir),
		terminalInterface(peers, scale, commands, served),
		connecting(peers, scale),
		spawning(peers, scale, emptyStarts),
		restarting(peers, scale, commands, served.certsDir, emptyStarts),
		...(cli ? [executableStarts(commands, scale, runtimes, emptyStarts, served)] : []),
		...(nats ? [clusteredCalls(peers, scale, commands, served.certsDir)] : []),
		openedSessions(peers, scale, commands),
		terminalSessions(peers, scale, commands, served.certsDir),
		decodedWorst(peers, scale, commands),
		memory(peers, scale),
		collectedMemories(peers, scale),
		slowReader(peers, scale),
	];
	const known = groups.flatMap((group) => group.cases.map(({ id }) => id));
	const wanted = new Set(cases.length === 0 ? known : cases.flatMap((name) => named(name, known)));
	return groups
		.map((group) => ({ ...group, cases: group.cases.map(withRowsThatTakePart) }))
		.map((group) => ({
			...group,
			cases: group.cases.filter(
				({ id, rows }) => wanted.has(id) && rows.some((row) => row.peer ?? group.id === 'cli'),
			),
		}))
		.filter((group) => group.cases.length > 0);
}

/**
 * A case without the rows that are for other cases.
 *
 * @param {import('../cases/case.mjs').Case} one
 */
function withRowsThatTakePart(one) {
	const takesPart = (/** @type {import('./peers.mjs').Peer | undefined} */ peer) =>
		!peer?.cases || peer.cases.some((name) => one.id.startsWith(name));
	return { ...one, rows: one.rows.filter(({ peer }) => takesPart(peer)) };
}

/**
 * The case of that name, else those whose names begin so.
 *
 * @param {string} name
 * @param {string[]} known
 */
function named(name, known) {
	if (known.includes(name)) return [name];
	const found = known.filter((id) => id.startsWith(name));
	if (found.length === 0) throw new Error(`--case: there is no ${name}; there are ${known.join(', ')}`);
	return found;
}
