// What the harness asks of a client, the same for every peer. bench/go has the same in Go.
import { collectedMemory } from '../collected-memory.mjs';
import { textOf } from '../workload.mjs';
import { closedLoop } from './closed-loop.mjs';

/**
 * A connection to a server.
 *
 * @typedef {object} Session
 * @property {(text: string, count: number) => PromiseLike<import('../workload.mjs').Echo>} call
 * @property {(() => Promise<number>)=} list how many tools there are
 * @property {((chunks: number, bytes: number) => AsyncIterable<{ data: Uint8Array }>)=} stream
 * @property {((restMs: number) => Promise<number>)=} collect collects garbage in the server, and gives its memory in bytes
 * @property {() => unknown} close
 * @property {number=} serverPid where the client started the server itself
 */

/**
 * How one peer is reached.
 *
 * @typedef {object} PeerClient
 * @property {() => Promise<Session>} open connects to the server of this run
 * @property {(() => Promise<Session>)=} launch starts a server of its own, and connects; close ends it
 */

/**
 * @param {PeerClient} peer
 * @returns {Record<string, (params: any) => Promise<Record<string, number | undefined>>>}
 */
export function operations(peer) {
	/** @type {Session | undefined} */
	let session;
	const opened = () => {
		if (!session) throw new Error('open comes first');
		return session;
	};
	return {
		async open() {
			session = await peer.open();
			return { serverPid: session.serverPid };
		},

		async close() {
			await session?.close();
			return {};
		},

		/** @param {{ bytes: number, concurrency: number, milliseconds: number, maxCalls: number }} params */
		async load({ bytes, ...load }) {
			const { call } = opened();
			return { ...(await closedLoop(call, { text: textOf(bytes), ...load })) };
		},

		/** The memory of both processes after a collection. @param {{ restMs: number }} params */
		async collect({ restMs }) {
			const { collect } = opened();
			if (!collect) throw new Error('this peer cannot be asked for a collection');
			const [server, client] = await Promise.all([collect(restMs), collectedMemory(restMs)]);
			return { server, client };
		},

		/** @param {{ chunks: number, bytes: number, restMs: number, restAfterBytes: number }} params */
		async stream({ chunks, bytes, restMs, restAfterBytes }) {
			const { stream } = opened();
			if (!stream) throw new Error('this peer has no streams');
			let received = 0;
			let unrested = 0;
			const begin = performance.now();
			for await (const { data } of stream(chunks, bytes)) {
				received++;
				if (data.length !== bytes) throw new Error(`a chunk has ${data.length} bytes instead of ${bytes}`);
				if (restMs > 0) {
					unrested += bytes;
					if (unrested >= restAfterBytes) {
						unrested = 0;
						await new Promise((resolve) => setTimeout(resolve, restMs));
					}
				}
			}
			if (received !== chunks) throw new Error(`${received} chunks came instead of ${chunks}`);
			const seconds = (performance.now() - begin) / 1000;
			return {
				chunksPerSecond: chunks / seconds,
				megabytesPerSecond: (chunks * bytes) / seconds / 1e6,
				seconds,
			};
		},

		/** A new connection and its first call, one after the other. @param {{ times: number }} params */
		connect: ({ times }) => firstResults(peer.open, times),

		/** A new process and its first result, one after the other. @param {{ times: number }} params */
		async spawn({ times }) {
			if (!peer.launch) throw new Error('this peer launches nothing');
			return firstResults(peer.launch, times);
		},

		/** A new process and its first list of tools, one after the other. @param {{ times: number }} params */
		async spawnAndList({ times }) {
			if (!peer.launch) throw new Error('this peer launches nothing');
			return firstOf(peer.launch, times, async ({ list }) => {
				if ((await list?.()) !== 1) throw new Error('there is one tool, which is not listed');
			});
		},
	};
}

/**
 * @param {() => Promise<Session>} open
 * @param {number} times
 */
function firstResults(open, times) {
	const text = textOf(100);
	return firstOf(open, times, async (session, index) => {
		const { count } = await session.call(text, index);
		if (count !== index + 1) throw new Error(`call ${index} was answered with count ${count}`);
	});
}

/**
 * @param {() => Promise<Session>} open
 * @param {number} times
 * @param {(session: Session, index: number) => Promise<void>} use
 */
async function firstOf(open, times, use) {
	const taken = [];
	// The first is the warm-up.
	for (let i = -1; i < times; i++) {
		const begin = performance.now();
		const session = await open();
		try {
			await use(session, i);
			if (i >= 0) taken.push(performance.now() - begin);
		} finally {
			await session.close();
		}
	}
	taken.sort((a, b) => a - b);
	return { medianMs: taken[Math.floor(taken.length / 2)] };
}
