import { certifiedPeer } from '../../certified-peer.ts';
import type { Peer } from '../../peer.ts';
import type { QuicheConnection } from '../native/quiche.ts';

/**
 * The other end of a connection whose handshake is done, so that its certificate was verified. Undefined where it showed none,
 * or one without exactly one common name: then it is nobody.
 */
export function peerOf(native: QuicheConnection, address: string): Peer | undefined {
	const leaf = native.peerCertChain()?.[0];
	const certified = leaf && certifiedPeer(leaf);
	return certified && { ...certified, carrier: 'quic', address };
}
