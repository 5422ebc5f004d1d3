import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Address } from '../address.ts';
import { formatAddress, isLoopback } from '../address.ts';
import type { Carrier, Connection, DialOptions, Listener, ListenOptions } from '../carrier.ts';
import { defaultDialTimeoutMs } from '../carrier.ts';
import { dialSocket } from './dial-socket.ts';
import { remoteAddress } from './peer-of-socket.ts';
import { PlainTcpConnection } from './plain-tcp-connection.ts';
import type { ListenerTimeouts } from './tcp-listener.ts';
import { TcpListener } from './tcp-listener.ts';

/**
 * The Go side's TCP: plaintext, a connection for each request, nobody proves who they are. On loopback only; whoever uses it
 * says so to the user.
 */
export const plainTcpCarrier: Carrier = {
	name: 'tcp+plain',
	dial: dialPlain,
	listen: (address, options) => listenPlainWithin(address, options, {}),
};

/** @throws OrchestraError `invalid_address` off loopback, `identity_mismatch` where an identity is asked for, `unreachable`, … */
async function dialPlain(address: Address, options: DialOptions): Promise<Connection> {
	assertLoopback(address);
	if (options.expectPeer !== undefined) {
		throw new OrchestraError(
			'identity_mismatch',
			`${formatAddress(address)} cannot prove that it is ${JSON.stringify(options.expectPeer)}`,
			{ hint: 'tcp+plain has no certificates: use tcp:// or quic:// where it matters who answers.' },
		);
	}
	const startedAt = performance.now();
	const socket = await dialSocket<Socket>(address, {
		open: () => connect({ host: address.host, port: address.port }),
		ready: 'connect',
		timeoutMs: options.timeoutMs ?? defaultDialTimeoutMs,
		signal: options.signal,
	});
	// A name may mean anything, whatever it looks like.
	if (!isLoopback(unmapped(socket.remoteAddress ?? ''))) {
		socket.destroy();
		throw offLoopback(address);
	}
	return new PlainTcpConnection(address, socket, { connectMs: performance.now() - startedAt });
}

/** {@link Carrier.listen}, with deadlines of one's own. */
export async function listenPlainWithin(
	address: Address,
	options: ListenOptions,
	timeouts: ListenerTimeouts,
): Promise<Listener> {
	assertLoopback(address);
	const server = createServer({ allowHalfOpen: true });
	const listener = new TcpListener(server, address, {
		...options,
		identity: undefined,
		closeWhenIdle: true,
		timeouts,
		setIdentity: () => undefined,
	});
	server.on('connection', (socket) => {
		listener.accept(socket, { name: '', carrier: 'tcp+plain', address: remoteAddress(socket, 'tcp+plain') });
	});
	await listener.start();
	const bound = server.address();
	if (!bound || typeof bound !== 'object' || !isLoopback(unmapped(bound.address))) {
		await listener.close();
		throw offLoopback(address);
	}
	return listener;
}

function assertLoopback(address: Address): void {
	if (!isLoopback(address.host)) throw offLoopback(address);
}

function offLoopback(address: Address): OrchestraError {
	return new OrchestraError(
		'invalid_address',
		`${formatAddress(address)} is not on this machine's loopback`,
		{
			hint: 'tcp+plain encrypts nothing: use tcp:// or quic:// to reach another machine.',
		},
	);
}

/** An IPv4 address as IPv4, where a dual-stack socket shows it as IPv6. */
function unmapped(host: string): string {
	return host.replace(/^::ffff:/i, '');
}
