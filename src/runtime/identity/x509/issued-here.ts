import type { X509Certificate } from 'node:crypto';

/** What the serial number of every certificate that this software issues begins with; four bytes, as a binary string. */
export const serialMark = 'orch';

const hexMark = Buffer.from(serialMark, 'latin1').toString('hex');

/**
 * Whether this software issued a certificate. Others (the Go SDK in the same directory) make certificates with the same fields;
 * what is theirs is used, and changed by an explicit command only.
 */
export function isIssuedHere(certificate: X509Certificate): boolean {
	return certificate.serialNumber.toLowerCase().startsWith(hexMark);
}
