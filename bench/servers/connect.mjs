import http2 from 'node:http2';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { Tools } from '../connect-tools.mjs';
import { chunkOf, echo } from '../workload.mjs';
import { ready, serverTls } from './ready.mjs';

const handler = connectNodeAdapter({
	connect: false,
	grpcWeb: false,
	routes(router) {
		/** @type {any} Its methods are those of the descriptor. */
		const methods = {
			echo,
			/** @param {{ chunks: number, bytes: number }} request */
			async *count({ chunks, bytes }) {
				const data = chunkOf(bytes);
				for (let sequence = 0; sequence < chunks; sequence++) yield { data, sequence };
			},
		};
		router.service(Tools, methods);
	},
});
const server = http2.createSecureServer(
	{ ...serverTls(), requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' },
	handler,
);
server.listen(0, '127.0.0.1', () => {
	ready(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
});
