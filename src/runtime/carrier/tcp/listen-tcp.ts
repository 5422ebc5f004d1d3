import { createServer } from 'node:tls';
import { debugLog } from '../../debug/debug-log.ts';
import type { Address } from '../address.ts';
import type { Listener, ListenOptions } from '../carrier.ts';
import { handshakeTimeoutMs } from '../framed/frame-limits.ts';
import { peerOfSocket, remoteAddress } from './peer-of-socket.ts';
import { type ListenerTimeouts, TcpListener } from './tcp-listener.ts';
import { alpnProtocol, assertMutualTls, secureContextOptions } from './tls-options.ts';

const handshakeLog = debugLog('handshake');

/** {@link Carrier.listen} for TCP with mutual TLS, with deadlines of one's own where they are given. */
export async function listenTcp(
	address: Address,
	options: ListenOptions,
	timeouts: ListenerTimeouts = {},
): Promise<Listener> {
	assertMutualTls();
	const server = createServer({
		...secureContextOptions(options.identity),
		requestCert: true,
		rejectUnauthorized: true,
		ALPNProtocols: [alpnProtocol],
		handshakeTimeout: timeouts.handshakeMs ?? handshakeTimeoutMs,
		// A client may end its half after its one request and wait for the answer.
		allowHalfOpen: true,
	});
	const listener = new TcpListener(server, address, {
		...options,
		closeWhenIdle: false,
		timeouts,
		setIdentity: (identity) => server.setSecureContext(secureContextOptions(identity)),
	});
	server.on('secureConnection', (socket) => {
		const known = socket.authorized && socket.alpnProtocol === alpnProtocol;
		listener.accept(socket, known ? peerOfSocket(socket, remoteAddress(socket, 'tcp')) : undefined);
	});
	// Node reports a failed or overdue handshake but leaves its socket open.
	server.on('tlsClientError', (error, socket) => {
		handshakeLog?.(`${remoteAddress(socket, 'tcp')} failed: ${error.message}`);
		socket.destroy();
	});
	await listener.start();
	return listener;
}
