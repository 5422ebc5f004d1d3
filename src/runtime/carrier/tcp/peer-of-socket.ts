import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { onDeno } from '../../platform/on-deno.ts';
import { formatAddress } from '../address.ts';
import { certifiedPeer } from '../certified-peer.ts';
import type { Peer } from '../peer.ts';

/** The peer at the other end of a TLS socket whose certificate was verified; undefined where that names nobody. */
export function peerOfSocket(socket: TLSSocket, address: string): Peer | undefined {
	// Node makes the other kind with all of its fields, which takes several times as long; Deno has only that one.
	const der = onDeno ? socket.getPeerCertificate()?.raw : socket.getPeerX509Certificate()?.raw;
	const certified = der && certifiedPeer(der);
	return certified && { ...certified, carrier: 'tcp', address };
}

/** The URL of the other end of a socket. */
export function remoteAddress(socket: Socket, carrier: 'tcp' | 'tcp+plain'): string {
	return formatAddress({ carrier, host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
}
