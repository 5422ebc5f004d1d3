import { currentIdentity } from '../identity/sources/identity-source.ts';
import type { Address, NetworkCarrier } from './address.ts';
import type { Carrier, Connection, DialOptions, Listener, ListenOptions } from './carrier.ts';
import { closeWhenRevoked } from './close-when-revoked.ts';
import { loggedCarrier } from './logged-carrier.ts';
import { refuseRevoked } from './revoked-peer.ts';

/** The carrier of that name, loaded when first asked for: QUIC's native part costs start-up time and is not on every machine. */
export async function networkCarrier(name: NetworkCarrier): Promise<Carrier> {
	switch (name) {
		case 'quic':
			return loggedCarrier((await import('./quic/quic-carrier.ts')).quicCarrier);
		case 'tcp':
			return loggedCarrier((await import('./tcp/tcp-carrier.ts')).tcpCarrier);
		case 'tcp+plain':
			return loggedCarrier((await import('./tcp/plain-tcp-carrier.ts')).plainTcpCarrier);
	}
}

/**
 * Connects to a listener on whichever carrier its address names.
 *
 * @throws OrchestraError `peer_revoked`, and what {@link Carrier.dial} throws
 *
 * @example
 * import { dial, ensureIdentity, parseAddress, resolveCertsDir } from 'orchestra-toolchain/client';
 *
 * const identity = await ensureIdentity(resolveCertsDir(), 'my-program');
 * await using connection = await dial(parseAddress('quic://127.0.0.1:50100'), { identity, expectPeer: 'orchestrator' });
 * console.log(connection.peer.name);
 */
export async function dial(address: Address, options: DialOptions): Promise<Connection> {
	const connection = await (await networkCarrier(address.carrier)).dial(address, options);
	const { identity } = options;
	await refuseRevoked(connection, currentIdentity(identity));
	if ('subscribe' in identity) closeWhenRevoked(connection, identity);
	return connection;
}

/** Listens on whichever carrier the address names. See {@link Carrier.listen} for what it throws. */
export async function listen(address: Address, options: ListenOptions): Promise<Listener> {
	return (await networkCarrier(address.carrier)).listen(address, options);
}
