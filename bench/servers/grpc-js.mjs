import grpc from '@grpc/grpc-js';
import { messageLimits, Tools } from '../grpc-tools.mjs';
import { chunkOf, echo } from '../workload.mjs';
import { ready, serverTls } from './ready.mjs';

const { ca, cert, key } = serverTls();
const server = new grpc.Server(messageLimits);
server.addService(Tools.service, {
	/** @type {grpc.handleUnaryCall<import('../workload.mjs').Echo, import('../workload.mjs').Echo>} */
	Echo: (call, callback) => callback(null, echo(call.request)),
	/** @type {grpc.handleServerStreamingCall<{ chunks: number, bytes: number }, { data: Uint8Array, sequence: number }>} */
	Count: (call) => {
		const { chunks, bytes } = call.request;
		const data = chunkOf(bytes);
		let sequence = 0;
		const send = () => {
			while (sequence < chunks) {
				if (!call.write({ data, sequence: sequence++ })) {
					call.once('drain', send);
					return;
				}
			}
			call.end();
		};
		send();
	},
});
const credentials = grpc.ServerCredentials.createSsl(ca, [{ private_key: key, cert_chain: cert }], true);
server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
	if (error) throw error;
	ready(port);
});
