import { X509Certificate } from 'node:crypto';
import { commonName, revocationFacts } from '../../../identity/x509/read-certificate.ts';
import type { Peer } from '../../peer.ts';
import type { QuicheConnection } from '../native/quiche.ts';

/**
 * The other end of a connection whose handshake is done, so that its certificate was verified. Undefined where it showed none,
 * or one without exactly one common name: then it is nobody.
 */
export function peerOf(native: QuicheConnection, address: string): Peer | undefined {
	const leaf = native.peerCertChain()?.[0];
	if (!leaf) return undefined;
	let certificate: X509Certificate;
	try {
		certificate = new X509Certificate(leaf);
	} catch {
		return undefined;
	}
	const name = commonName(certificate);
	if (!name) return undefined;
	return {
		name,
		carrier: 'quic',
		address,
		...revocationFacts(certificate),
		validTo: new Date(certificate.validTo),
	};
}
