import { X509Certificate } from 'node:crypto';
import type { Authority } from '../x509/authority-pair.ts';
import { isIssuedHere } from '../x509/issued-here.ts';
import { daysOf, defaultAuthorityDays, defaultLeafDays, validityOf } from '../x509/validity.ts';
import type { Leaf } from './leaf.ts';

/**
 * How long a new leaf of an authority is valid, in days. In a directory that the Go SDK made it is a year, as there: a Go
 * program takes a certificate of its name from whoever made it, and never renews it.
 */
export function leafDaysIn(authority: Pick<Authority, 'certificatePem'>): number {
	return isIssuedHere(new X509Certificate(authority.certificatePem)) ? defaultLeafDays : defaultAuthorityDays;
}

/** How long the successor of a leaf is valid: as long as it was, unless its authority's end had cut it short. */
export function renewalDays(leaf: Leaf, authority: Pick<Authority, 'certificatePem'>): number {
	const validity = validityOf(leaf.chain[0]);
	const end = validity.notAfter.getTime();
	const cut = leaf.authorities.certificates.some((root) => validityOf(root).notAfter.getTime() === end);
	return cut ? leafDaysIn(authority) : daysOf(validity);
}
