/**
 * @typedef {object} Load
 * @property {string} text what is echoed
 * @property {number} concurrency calls in flight
 * @property {number} milliseconds after which no more calls are made
 * @property {number} maxCalls after which no more calls are made either
 *
 * @typedef {object} LoadResult
 * @property {number} calls
 * @property {number} seconds until the last of them was answered
 * @property {number} callsPerSecond
 * @property {number} p50Ms
 * @property {number} p99Ms
 */

/** Latencies that are kept: 8 MB. What comes behind them counts for the rate only. */
const maxSamples = 1 << 20;

/**
 * Calls as fast as the answers come, with a fixed number of calls in flight, and checks every answer.
 *
 * @param {(text: string, count: number) => PromiseLike<import('../workload.mjs').Echo>} call
 * @param {Load} load
 * @returns {Promise<LoadResult>}
 */
export async function closedLoop(call, { text, concurrency, milliseconds, maxCalls }) {
	const latencies = new Float64Array(Math.min(maxCalls, maxSamples));
	let recorded = 0;
	let calls = 0;
	const begin = performance.now();
	const end = begin + milliseconds;
	const work = async () => {
		// The end of one call is the beginning of the next: one look at the clock a call.
		let before = performance.now();
		while (before < end && calls < maxCalls) {
			const count = calls++;
			const answer = await call(text, count);
			if (answer.count !== count + 1 || answer.text.length !== text.length) throw wrongAnswer(answer, count);
			const now = performance.now();
			if (recorded < latencies.length) latencies[recorded++] = now - before;
			before = now;
		}
	};
	await Promise.all(Array.from({ length: concurrency }, work));
	const seconds = (performance.now() - begin) / 1000;
	const sorted = latencies.subarray(0, recorded).sort();
	return {
		calls,
		seconds,
		callsPerSecond: calls / seconds,
		p50Ms: sorted[Math.floor(recorded * 0.5)] ?? 0,
		p99Ms: sorted[Math.floor(recorded * 0.99)] ?? 0,
	};
}

/**
 * @param {import('../workload.mjs').Echo} answer
 * @param {number} count
 */
function wrongAnswer(answer, count) {
	return new Error(
		`call ${count} was answered with count ${answer.count}, ${answer.text.length} bytes of text`,
	);
}
