/**
 * @param {import('../../dist/runtime/client.js').PluginClient} client
 * @param {() => unknown} close
 * @param {number=} serverPid where the client started the server
 * @returns {import('./operations.mjs').Session}
 */
export function sessionOf(client, close, serverPid) {
	return {
		call: (text, count) => {
			const answer = client.callTool('echo', { text, count });
			return /** @type {Promise<import('../workload.mjs').Echo>} */ (/** @type {unknown} */ (answer));
		},
		stream: (chunks, bytes) =>
			client.streamTool('count', { chunks, bytes }, { timeoutMs: Number.POSITIVE_INFINITY }),
		collect: async (restMs) => Number((await client.callTool('collect', { restMs })).bytes),
		close,
		serverPid,
	};
}
