// Cap'n Web over a WebSocket: its methods take whatever comes, so the arguments are checked here.
import { createServer } from 'node:https';
import { newWebSocketRpcSession, RpcTarget } from 'capnweb';
import { WebSocket, WebSocketServer } from 'ws';
import { echo } from '../workload.mjs';
import { ready, serverTls } from './ready.mjs';

// It expects the one of browsers, which Node has from 22 on.
globalThis.WebSocket ??= /** @type {any} */ (WebSocket);

class Tools extends RpcTarget {
	/** @param {import('../workload.mjs').Echo} request */
	echo(request) {
		if (typeof request?.text !== 'string' || !Number.isInteger(request.count)) {
			throw new TypeError('echo takes a text and a count');
		}
		return echo(request);
	}
}

const server = createServer({
	...serverTls(),
	minVersion: 'TLSv1.3',
	requestCert: true,
	rejectUnauthorized: true,
});
// A message of 16 MB is less than what it takes by default.
new WebSocketServer({ server }).on('connection', (/** @type {any} */ socket) => {
	socket.on('error', () => {});
	newWebSocketRpcSession(/** @type {any} */ (socket), new Tools());
});
server.listen(0, '127.0.0.1', () =>
	ready(/** @type {import('node:net').AddressInfo} */ (server.address()).port),
);
