import { createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { Tools } from '../connect-tools.mjs';
import { startServer } from '../processes/server-process.mjs';
import { runClient, target } from './client-program.mjs';
import { clientTls } from './client-tls.mjs';

const { address: served, certsDir, serverCommand } = target();
const nodeOptions = clientTls(certsDir);

/**
 * @param {string} address
 * @param {() => unknown} close
 * @returns {import('./operations.mjs').Session}
 */
function connect(address, close) {
	const baseUrl = `https://${address}`;
	const sessionManager = new Http2SessionManager(baseUrl, {}, nodeOptions);
	const client = /** @type {any} */ (createClient(Tools, createGrpcTransport({ baseUrl, sessionManager })));
	return {
		call: (text, count) => client.echo({ text, count }),
		stream: (chunks, bytes) => client.count({ chunks, bytes }),
		close: () => {
			sessionManager.abort();
			return close();
		},
	};
}

await runClient({
	open: async () => connect(served ?? '', () => {}),
	async launch() {
		const server = await startServer(serverCommand ?? []);
		return connect(server.address, () => server.stop());
	},
});
