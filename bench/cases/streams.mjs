import { chunksPerSecond, mebibytes, megabytesPerSecond } from '../harness/columns.mjs';
import { residentMemory } from '../processes/resident-memory.mjs';
import { rowsOf, toGrpc } from './case.mjs';

/** @typedef {import('../harness/peers.mjs').Peer} Peer */
/** @typedef {import('../harness/scale.mjs').Scale} Scale */

/** Bytes of a small chunk. */
const smallChunk = 32;

/** Bytes of a chunk for the slow reader. */
const largeChunk = 64 * 1024;

/** Milliseconds between two looks at the memory. */
const lookMs = 50;

const untiring = { restMs: 0, restAfterBytes: 1 };

/**
 * @param {Peer[]} peers
 * @param {Scale} scale
 * @returns {import('./case.mjs').Group}
 */
export function smallChunks(peers, { chunks, deadlineMs }) {
	const streaming = peers.filter((peer) => peer.streams);
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'stream',
		title: `${chunks.toLocaleString('en-US')} chunks of ${smallChunk} bytes`,
		columns: [chunksPerSecond],
		ratio: toGrpc('more'),
		rows: rowsOf(streaming, async ({ client }) => {
			await client.ask('stream', { chunks: chunks / 20, bytes: smallChunk, ...untiring }, deadlineMs);
			return client.ask('stream', { chunks, bytes: smallChunk, ...untiring }, deadlineMs);
		}),
	};
	return { id: 'stream', title: 'A stream of small chunks', warm: true, cases: [one] };
}

/**
 * @param {Peer[]} peers
 * @param {Scale} scale
 * @returns {import('./case.mjs').Group}
 */
export function slowReader(peers, { slowBytes, slowRestMs, deadlineMs }) {
	const streaming = peers.filter((peer) => peer.streams);
	/** @type {import('./case.mjs').Case} */
	const one = {
		id: 'slow-reader',
		title: `${slowBytes / 2 ** 20} MiB to a reader that rests ${slowRestMs} ms after each MiB`,
		columns: [
			mebibytes('serverGrowth', 'server + MiB'),
			mebibytes('clientGrowth', 'client + MiB'),
			megabytesPerSecond,
		],
		maxRounds: 2,
		rows: rowsOf(streaming, (session) => {
			const params = { bytes: largeChunk, chunks: slowBytes / largeChunk };
			return watched(session, async ({ client }) => {
				const slow = { ...params, restMs: slowRestMs, restAfterBytes: 2 ** 20 };
				return client.ask('stream', slow, deadlineMs);
			});
		}),
	};
	return { id: 'slow-reader', title: 'Memory with a slow reader', warm: true, cases: [one] };
}

/**
 * Watches how far the resident memory of both processes grows meanwhile.
 *
 * @param {import('../harness/sessions.mjs').Session} session
 * @param {(session: import('../harness/sessions.mjs').Session) => Promise<Record<string, number>>} work
 */
async function watched(session, work) {
	const server = new Peak(session.serverPid);
	const client = new Peak(session.clientPid);
	const timer = setInterval(() => {
		server.look();
		client.look();
	}, lookMs);
	try {
		const figures = await work(session);
		return { ...figures, serverGrowth: server.growth, clientGrowth: client.growth };
	} finally {
		clearInterval(timer);
	}
}

class Peak {
	#pid;
	#first;
	#most = 0;

	/** @param {number | undefined} pid */
	constructor(pid) {
		this.#pid = pid;
		this.#first = residentMemory(pid);
	}

	look() {
		this.#most = Math.max(this.#most, residentMemory(this.#pid) ?? 0);
	}

	get growth() {
		this.look();
		return this.#first === undefined ? undefined : Math.max(0, this.#most - this.#first);
	}
}
