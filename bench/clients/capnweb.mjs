import { once } from 'node:events';
import { newWebSocketRpcSession } from 'capnweb';
import { WebSocket } from 'ws';
import { startServer } from '../processes/server-process.mjs';
import { runClient, target } from './client-program.mjs';
import { clientTls } from './client-tls.mjs';

// It expects the one of browsers, which Node has from 22 on.
globalThis.WebSocket ??= /** @type {any} */ (WebSocket);

const { address: served, certsDir, serverCommand } = target();
const tls = clientTls(certsDir);

/**
 * @param {string} address
 * @param {() => unknown} close
 * @returns {Promise<import('./operations.mjs').Session>}
 */
async function connect(address, close) {
	const socket = new WebSocket(`wss://${address}`, {
		...tls,
		servername: 'localhost',
		minVersion: 'TLSv1.3',
	});
	await once(socket, 'open');
	// Its methods are made of what is called.
	const tools = /** @type {any} */ (newWebSocketRpcSession(/** @type {any} */ (socket)));
	return {
		call: (text, count) => tools.echo({ text, count }),
		close: () => {
			socket.on('error', () => {});
			tools[Symbol.dispose]?.();
			socket.terminate();
			return close();
		},
	};
}

await runClient({
	open: () => connect(served ?? '', () => {}),
	async launch() {
		const server = await startServer(serverCommand ?? []);
		return connect(server.address, () => server.stop());
	},
});
