import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { revocationFacts } from '../../identity/x509/read-certificate.ts';
import { formatAddress } from '../address.ts';
import type { Peer } from '../peer.ts';

/** The peer at the other end of a TLS socket whose certificate was verified; undefined where that names nobody. */
export function peerOfSocket(socket: TLSSocket, address: string): Peer | undefined {
	const certificate = socket.getPeerCertificate();
	// Several common names come as a list: whoever that is, it is none of ours.
	const name: unknown = certificate?.subject?.CN;
	if (typeof name !== 'string' || name === '' || !certificate.raw) return undefined;
	return {
		name,
		carrier: 'tcp',
		address,
		...revocationFacts(new X509Certificate(certificate.raw)),
		validTo: new Date(certificate.valid_to),
	};
}

/** The URL of the other end of a socket. */
export function remoteAddress(socket: Socket, carrier: 'tcp' | 'tcp+plain'): string {
	return formatAddress({ carrier, host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 });
}
