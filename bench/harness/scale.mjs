/**
 * How much is done. A figure that ends in `Ms` is milliseconds.
 *
 * @typedef {ReturnType<typeof scaleOf>} Scale
 */

/** @param {boolean} quick */
export function scaleOf(quick) {
	return {
		/** Each measurement of calls, and the warm-up before it. */
		loadMs: quick ? 80 : 1_500,
		warmUpMs: quick ? 20 : 400,
		/** The same for messages of megabytes. */
		echoMs: quick ? 80 : 2_000,
		echoWarmUpMs: quick ? 1 : 300,
		/** Chunks of a stream. */
		chunks: quick ? 20_000 : 1_000_000,
		/** Sessions that are opened and closed. */
		sessions: quick ? 50 : 1_000,
		/** Bytes that are typed into a terminal session, and those that flood another one. */
		echoes: quick ? 50 : 2_000,
		floodBytes: quick ? 2_000_000 : 100_000_000,
		/** Bytes of a request that costs much to read. */
		worstBytes: quick ? 2 ** 18 : 2 ** 24,
		/** Events to one subscriber. */
		events: quick ? 5_000 : 500_000,
		/** Events from one node of a cluster to another. */
		clusterEvents: quick ? 200 : 20_000,
		/** The terminal interface, and the time before it is looked at: it has to load, and its code to get warm. */
		screenMs: quick ? 500 : 10_000,
		screenWarmUpMs: quick ? 200 : 5_000,
		/** New connections, new processes, runs of the executable: a round. */
		connections: quick ? 3 : 30,
		spawns: quick ? 1 : 7,
		starts: quick ? 1 : 7,
		/** Calls before the first look at the memory, and before the second. */
		callsBefore: quick ? 500 : 10_000,
		callsAfter: quick ? 2_000 : 100_000,
		/** What both rest before a collection. */
		restMs: quick ? 50 : 6_000,
		/** Bytes streamed to the slow reader. */
		slowBytes: quick ? 16 * 2 ** 20 : 2 ** 30,
		/** What the slow reader rests after each MiB. */
		slowRestMs: quick ? 2 : 5,
		/** How long any one measurement may take. */
		deadlineMs: quick ? 20_000 : 120_000,
		/** How long the whole run may take: what is left then is not measured. */
		runMs: quick ? 10 * 60_000 : 90 * 60_000,
	};
}
