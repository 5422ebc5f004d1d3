import { callsPerSecond, megabytesPerSecond, p50, p99 } from '../harness/columns.mjs';
import { rowsOf, toGrpc } from './case.mjs';

/** @typedef {import('../harness/peers.mjs').Peer} Peer */
/** @typedef {import('../harness/scale.mjs').Scale} Scale */

const sizes = [
	{ name: '100B', title: '100 B', bytes: 100 },
	{ name: '10kB', title: '10 kB', bytes: 10_000 },
];

/** The largest message is 16 MiB; 1 KiB of it is for what surrounds the text. */
const largest = 16 * 2 ** 20 - 1024;

const largeSizes = [
	{ name: '4MB', title: '4 MB', bytes: 4_000_000 },
	{ name: '16MB', title: '16 MiB less 1 KiB', bytes: largest },
];

/** More calls than any peer makes in the time. */
const unbounded = 50_000_000;

/** Milliseconds that the last answers may take when no more calls are made. */
const lateMs = 15_000;

/**
 * @param {import('../harness/sessions.mjs').Session} session
 * @param {{ bytes: number, concurrency: number }} load
 * @param {{ warmUpMs: number, loadMs: number }} times
 */
async function measure({ client }, load, { warmUpMs, loadMs }) {
	const calls = { ...load, maxCalls: unbounded };
	await client.ask('load', { ...calls, milliseconds: warmUpMs }, warmUpMs + lateMs);
	return client.ask('load', { ...calls, milliseconds: loadMs }, loadMs + lateMs);
}

/**
 * @param {Peer[]} peers
 * @param {Scale} scale
 * @returns {import('./case.mjs').Group}
 */
export function unaryCalls(peers, scale) {
	const cases = sizes.flatMap(({ name, title, bytes }) =>
		[1, 16, 64, 512].map((concurrency) => ({
			id: `unary-${name}-c${concurrency}`,
			title: `${title}, ${concurrency} in flight`,
			columns: [callsPerSecond, p50, p99],
			ratio: toGrpc('more'),
			rows: rowsOf(peers, (session) => measure(session, { bytes, concurrency }, scale)),
		})),
	);
	return { id: 'unary', title: 'Unary calls', warm: true, cases };
}

/**
 * @param {Peer[]} peers
 * @param {Scale} scale
 * @returns {import('./case.mjs').Group}
 */
export function largeEchoes(peers, scale) {
	const times = { warmUpMs: scale.echoWarmUpMs, loadMs: scale.echoMs };
	// In process a text is not copied at all: there would be nothing to measure.
	const remote = peers.filter((peer) => !peer.embedded);
	const cases = largeSizes.map(({ name, title, bytes }) => ({
		id: `echo-${name}`,
		title: `${title}, one after the other`,
		columns: [megabytesPerSecond, p50],
		ratio: toGrpc('more'),
		rows: rowsOf(remote, async (session) => {
			const figures = await measure(session, { bytes, concurrency: 1 }, times);
			const { callsPerSecond = 0 } = figures;
			// There and back.
			return { ...figures, megabytesPerSecond: (callsPerSecond * bytes * 2) / 1e6 };
		}),
	}));
	return { id: 'echo', title: 'Echo of large messages', warm: true, cases };
}
