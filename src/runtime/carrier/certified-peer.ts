import { X509Certificate } from 'node:crypto';
import { commonName, revocationFacts } from '../identity/x509/read-certificate.ts';
import { forgetOldest } from '../platform/forget-oldest.ts';
import type { Peer } from './peer.ts';

/** The part of a {@link Peer} that its certificate says. */
export type CertifiedPeer = Required<
	Pick<Peer, 'name' | 'fingerprint' | 'keyFingerprint' | 'validFrom' | 'validTo'>
>;

/** Certificates whose reading is kept. */
const mostKept = 256;

const kept = new Map<string, CertifiedPeer>();

/**
 * Reads a certificate that a handshake has verified. What was read is kept by the bytes of the certificate: reading one, and hashing its key, is a
 * tenth of a new connection, and the same peers come again. It says nothing of whether a certificate is valid now, which each handshake finds out.
 *
 * @param der the certificate
 * @returns undefined where it is none, or has no common name or several: whoever that is, it is none of ours
 */
export function certifiedPeer(der: Uint8Array): CertifiedPeer | undefined {
	const key = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('latin1');
	const known = kept.get(key);
	if (known) return known;
	let certificate: X509Certificate;
	try {
		certificate = new X509Certificate(der);
	} catch {
		return undefined;
	}
	const name = commonName(certificate);
	if (!name) return undefined;
	const peer = { name, ...revocationFacts(certificate), validTo: new Date(certificate.validTo) };
	kept.set(key, peer);
	forgetOldest(kept, mostKept);
	return peer;
}
