import { createHash, type X509Certificate } from 'node:crypto';

/** SHA-256 of a certificate, lower-case hexadecimal. */
export function fingerprintOf(certificate: X509Certificate): string {
	return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** SHA-256 of the public key of a certificate (SPKI, DER), lower-case hexadecimal. A renewal may keep the key. */
export function keyFingerprintOf(certificate: X509Certificate): string {
	const der = certificate.publicKey.export({ type: 'spki', format: 'der' });
	return createHash('sha256').update(der).digest('hex');
}
