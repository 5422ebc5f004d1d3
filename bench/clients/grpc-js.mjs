import grpc from '@grpc/grpc-js';
import { messageLimits, Tools } from '../grpc-tools.mjs';
import { startServer } from '../processes/server-process.mjs';
import { runClient, target } from './client-program.mjs';
import { clientTls } from './client-tls.mjs';

const { address: served, certsDir, serverCommand } = target();
const { ca, cert, key } = clientTls(certsDir);

/**
 * @param {string} address
 * @param {() => unknown} close
 * @returns {import('./operations.mjs').Session}
 */
function connect(address, close) {
	// Its methods are made of the descriptor.
	const client = /** @type {any} */ (
		new Tools(address, grpc.credentials.createSsl(ca, key, cert), messageLimits)
	);
	return {
		call: (text, count) =>
			new Promise((resolve, reject) => {
				client.Echo(
					{ text, count },
					(/** @type {Error | null} */ error, /** @type {import('../workload.mjs').Echo} */ answer) =>
						error ? reject(error) : resolve(answer),
				);
			}),
		stream: (chunks, bytes) => client.Count({ chunks, bytes }),
		close: () => {
			client.close();
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
