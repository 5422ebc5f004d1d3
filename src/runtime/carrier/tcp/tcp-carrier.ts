import type { TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import { currentIdentity } from '../../identity/sources/identity-source.ts';
import { onDeno } from '../../platform/on-deno.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Address } from '../address.ts';
import { formatAddress } from '../address.ts';
import type { Carrier, Connection, DialOptions } from '../carrier.ts';
import { defaultDialTimeoutMs } from '../carrier.ts';
import { FramedConnection } from '../framed/framed-connection.ts';
import { dialCancelled, dialSocket, dialTimedOut } from './dial-socket.ts';
import { peerOfSocket } from './peer-of-socket.ts';
import { dialError } from './socket-error.ts';
import { alpnProtocol, assertMutualTls, dialContext } from './tls-options.ts';

/**
 * TCP with mutual TLS 1.3: one long connection, its exchanges told apart by their request ids. A client that sends one request
 * a connection is served too.
 */
export const tcpCarrier: Carrier = {
	name: 'tcp',
	dial: dialTcp,
	// Loaded here: a program that calls and serves nobody needs nothing of it.
	listen: async (address, options) => (await import('./listen-tcp.ts')).listenTcp(address, options),
};

async function dialTcp(address: Address, options: DialOptions): Promise<Connection> {
	assertMutualTls();
	const context = dialContext(currentIdentity(options.identity));
	const timeoutMs = options.timeoutMs ?? defaultDialTimeoutMs;
	const startedAt = performance.now();
	let connectedAt = startedAt;
	const socket = await dialSocket<TLSSocket>(address, {
		open: () => {
			const socket = connect({
				...context,
				host: address.host,
				port: address.port,
				// Who the peer is, its common name says (below), not where it was found. Deno checks a name that every leaf is valid for.
				// Node is given none: it would ask first whether that is an address, which takes the first call of a process 4 ms.
				...(onDeno ? { servername: 'localhost' } : {}),
				checkServerIdentity: () => undefined,
				ALPNProtocols: [alpnProtocol],
			});
			socket.once('connect', () => {
				connectedAt = performance.now();
			});
			return socket;
		},
		ready: 'secureConnect',
		timeoutMs,
		signal: options.signal,
	});
	const connection = verified(socket, address, options);
	try {
		await connection.prove({ timeoutMs: startedAt + timeoutMs - performance.now(), signal: options.signal });
		connection.setup = { connectMs: connectedAt - startedAt, tlsMs: performance.now() - connectedAt };
		return connection;
	} catch (error) {
		await connection.close();
		throw await provingError(address, connection, error, timeoutMs, options.signal);
	}
}

/** The connection on a socket whose chain was verified, where its peer is who it has to be. */
function verified(socket: TLSSocket, address: Address, options: DialOptions): FramedConnection {
	const { expectPeer, keepAlive } = options;
	if (socket.alpnProtocol !== alpnProtocol) {
		socket.destroy();
		throw dialError(address, 'handshaking', new Error('NO_APPLICATION_PROTOCOL'));
	}
	const url = formatAddress(address);
	const peer = peerOfSocket(socket, url);
	if (!peer || (expectPeer !== undefined && peer.name !== expectPeer)) {
		socket.destroy();
		const found = peer ? JSON.stringify(peer.name) : 'a certificate without one common name';
		throw new OrchestraError(
			'identity_mismatch',
			expectPeer === undefined
				? `${url} shows ${found}`
				: `${url} is ${found}, but ${JSON.stringify(expectPeer)} was expected`,
			{
				hint: 'Another plugin may have taken that port.',
				details: { address: url, expected: expectPeer, found: peer?.name },
			},
		);
	}
	return new FramedConnection(socket, peer, { keepAlive });
}

async function provingError(
	address: Address,
	connection: FramedConnection,
	error: unknown,
	timeoutMs: number,
	signal: AbortSignal | undefined,
): Promise<OrchestraError> {
	const { code } = OrchestraError.from(error, 'internal');
	if (signal?.aborted) return dialCancelled(address, signal);
	if (code === 'deadline_exceeded') return dialTimedOut(address, timeoutMs);
	const reason = await connection.closed;
	// The peer's own reason, or the fault that we found in its messages.
	if (reason instanceof OrchestraError && reason.code !== 'connection_lost') return reason;
	return dialError(address, 'proving', reason?.cause);
}
