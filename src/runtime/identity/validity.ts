import type { X509Certificate } from 'node:crypto';

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** How long a certificate is valid where nobody says otherwise, in days. */
export const defaultDays = 365;

/** The span in which a certificate is valid. */
export interface Validity {
	readonly notBefore: Date;
	readonly notAfter: Date;
}

/** Where a moment lies in the life of a certificate. `expires-soon`: less than a third of it is left. */
export type Phase = 'not-yet-valid' | 'valid' | 'expires-soon' | 'expired';

/** The span of a new certificate. It begins a minute ago, for peers whose clock is a little behind. */
export function validityFromNow(days: number = defaultDays): Validity {
	const now = Date.now();
	return { notBefore: new Date(now - minuteMs), notAfter: new Date(now + days * dayMs) };
}

/** The span that a certificate states, to the second. */
export function validityOf(certificate: X509Certificate): Validity {
	// The dates as objects (`validFromDate`) came with Node 22.
	return { notBefore: new Date(certificate.validFrom), notAfter: new Date(certificate.validTo) };
}

/** The phase at a moment, by default now. */
export function phaseOf(validity: Validity, now: number = Date.now()): Phase {
	const begin = validity.notBefore.getTime();
	const end = validity.notAfter.getTime();
	if (now < begin) return 'not-yet-valid';
	if (now > end) return 'expired';
	return end - now < (end - begin) / 3 ? 'expires-soon' : 'valid';
}
