import type { X509Certificate } from 'node:crypto';
import { OrchestraError } from '../../wire/orchestra-error.ts';

const minuteMs = 60_000;
export const dayMs = 86_400_000;

/** Validity of a leaf where nobody says otherwise, in days. Whoever holds it renews it in time. */
export const defaultLeafDays = 30;

/** The same for an authority, and for leaves beside peers that never renew theirs. */
export const defaultAuthorityDays = 365;

/** The part of a certificate's life after which it is due to be renewed. */
const renewalPoint = 2 / 3;

/** The part of its life in which renewals of the same age are spread, so that they do not all come at once. */
const renewalSpread = 1 / 15;

/** The span in which a certificate is valid. */
export interface Validity {
	readonly notBefore: Date;
	readonly notAfter: Date;
}

/** Place of a moment in the life of a certificate. `expires-soon`: less than a third of it is left. */
export type Phase = 'not-yet-valid' | 'valid' | 'expires-soon' | 'expired';

/** The span of a new certificate. It begins a minute ago, for peers whose clock is a little behind. */
export function validityFromNow(days: number): Validity {
	const now = Date.now();
	return { notBefore: new Date(now - minuteMs), notAfter: new Date(now + days * dayMs) };
}

/** Days for which a certificate of that span was issued, to the nearest hour. */
export function daysOf({ notBefore, notAfter }: Validity): number {
	return Math.max(1, Math.round((notAfter.getTime() - notBefore.getTime()) / 3_600_000)) / 24;
}

/** The share of its life that is over, from 0 to 1. */
export function shareUsed({ notBefore, notAfter }: Validity, now: number = Date.now()): number {
	const life = notAfter.getTime() - notBefore.getTime();
	return life <= 0 ? 1 : Math.min(1, Math.max(0, (now - notBefore.getTime()) / life));
}

/**
 * When a certificate is renewed, in milliseconds of Date.now(): after two thirds of its life and at most a fifteenth more.
 *
 * @param jitter from 0 to 1
 */
export function renewalTime({ notBefore, notAfter }: Validity, jitter: number = Math.random()): number {
	const life = notAfter.getTime() - notBefore.getTime();
	return notBefore.getTime() + life * (renewalPoint + renewalSpread * jitter);
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
	return now - begin > (end - begin) * renewalPoint ? 'expires-soon' : 'valid';
}

/** The error of a certificate that is not valid now: `certificate_expired`, `certificate_not_yet_valid`, or none. */
export function phaseError(path: string, validity: Validity, renewHint: string): OrchestraError | undefined {
	const phase = phaseOf(validity);
	const details = {
		path,
		notBefore: validity.notBefore.toISOString(),
		notAfter: validity.notAfter.toISOString(),
	};
	if (phase === 'expired') {
		return new OrchestraError(
			'certificate_expired',
			`the certificate ${path} expired at ${details.notAfter}`,
			{
				hint: renewHint,
				details,
			},
		);
	}
	if (phase === 'not-yet-valid') {
		return new OrchestraError(
			'certificate_not_yet_valid',
			`the certificate ${path} is valid only from ${details.notBefore} on`,
			{
				hint: `Check this machine's clock: it says ${new Date().toISOString()}. If that is right: ${renewHint}`,
				details,
			},
		);
	}
	return undefined;
}
