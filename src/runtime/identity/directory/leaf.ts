import { X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { shellWord } from '../../platform/shell-word.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Identity } from '../identity.ts';
import { revokedWhen } from '../revocations.ts';
import type { Authority } from '../x509/issue.ts';
import {
	commonName,
	isGiven,
	isIssuedHere,
	parseCertificates,
	parsePrivateKey,
	revocationFacts,
} from '../x509/read-certificate.ts';
import { daysOf, defaultAuthorityDays, defaultLeafDays, phaseError, validityOf } from '../x509/validity.ts';
import { type CertsDirectory, certsDirError, resolveCertsDir } from './certs-directory.ts';
import { readPemFile } from './pem-file.ts';
import { authorityPhaseError, loadTrustedAuthorities, type TrustedAuthorities } from './trust.ts';

/** A leaf certificate with its key, as it is on disk: whole and of one piece, but perhaps expired or of another authority. */
export interface Leaf {
	readonly identity: Identity;
	readonly path: string;
	/** The leaf, then what stands between it and the authority. */
	readonly chain: readonly [X509Certificate, ...X509Certificate[]];
	readonly authorities: TrustedAuthorities;
}

/** The paths of a leaf's two files. */
export function leafPaths(dir: string, name: string): { crt: string; key: string } {
	return { crt: join(dir, `${name}.crt`), key: join(dir, `${name}.key`) };
}

/**
 * Whether somebody was given a certificate of that name on purpose, as a directory shows it. One that a program made for itself does
 * not count.
 *
 * @throws OrchestraError `certificate_invalid`
 */
export async function wasGiven(certsDir: string, name: string): Promise<boolean> {
	const { crt } = leafPaths(resolveCertsDir(certsDir), name);
	const pem = await readPemFile(crt, false);
	return pem !== undefined && isGiven(parseCertificates(pem, crt)[0]);
}

/**
 * Reads a leaf from a directory.
 *
 * @returns undefined where there is no `<name>.crt`
 * @throws OrchestraError `certificate_missing` (its key, or the CA), `certificate_invalid`, `key_exposed`
 */
export async function readLeaf(dir: CertsDirectory, name: string): Promise<Leaf | undefined> {
	const { crt, key } = leafPaths(dir, name);
	const certificatePem = await readPemFile(crt, false);
	if (certificatePem === undefined) return undefined;
	const chain = parseCertificates(certificatePem, crt);
	const found = commonName(chain[0]);
	if (found !== name) {
		throw new OrchestraError(
			'certificate_invalid',
			`${crt} was issued for ${JSON.stringify(found ?? '')}, not for "${name}"`,
			{
				hint: 'Name it as it was issued. Names that differ only in case are different names.',
				details: { path: crt },
			},
		);
	}
	const privateKeyPem = await readLeafKey(dir, name);
	if (privateKeyPem === undefined) {
		throw new OrchestraError('certificate_missing', `the private key ${key} of ${crt} is missing`, {
			hint: `Restore it, or run: orchestra certs issue ${name} --force --certs-dir ${shellWord(dir)}.`,
			details: { path: key },
		});
	}
	if (!chain[0].checkPrivateKey(parsePrivateKey(privateKeyPem, key))) {
		throw new OrchestraError('certificate_invalid', `${key} is not the key of ${crt}`, {
			hint: `Restore the two files that belong together, or run: orchestra certs issue ${name} --force --certs-dir ${shellWord(dir)}.`,
			details: { path: key },
		});
	}
	const authorities = await loadTrustedAuthorities(dir);
	return {
		identity: { name, certificatePem, privateKeyPem, ...trustOf(authorities) },
		path: crt,
		chain,
		authorities,
	};
}

/** The error for a name that has no certificate in a directory. */
export function leafMissing(dir: CertsDirectory, name: string): OrchestraError {
	const path = leafPaths(dir, name).crt;
	return new OrchestraError(
		'certificate_missing',
		`there is no certificate for "${name}": ${path} is missing`,
		{
			hint: `Run: orchestra certs issue ${name} --certs-dir ${shellWord(dir)}.`,
			details: { path },
		},
	);
}

/** The part of an identity that says whom it trusts. */
export function trustOf({ caPem, revocations }: TrustedAuthorities): Pick<Identity, 'caPem' | 'revocations'> {
	return revocations === undefined ? { caPem } : { caPem, revocations };
}

/** Reads a leaf's private key, and checks that it is one; undefined where there is none. */
export async function readLeafKey(dir: CertsDirectory, name: string): Promise<string | undefined> {
	const { key } = leafPaths(dir, name);
	const privateKeyPem = await readPemFile(key, true);
	if (privateKeyPem !== undefined) parsePrivateKey(privateKeyPem, key);
	return privateKeyPem;
}

/** Reason why a leaf cannot be used now: its authority, the chain to it, or its own dates; undefined for none. */
export function leafFault(dir: CertsDirectory, leaf: Leaf): OrchestraError | undefined {
	const { name } = leaf.identity;
	const issuer = issuingAuthority(leaf);
	const authorityFault = authorityPhaseError(dir, issuer ?? leaf.authorities.certificates[0]);
	if (authorityFault !== undefined) return authorityFault;
	const reissue = `Run: orchestra certs issue ${name} --force --certs-dir ${shellWord(dir)}.`;
	if (issuer === undefined) {
		return new OrchestraError(
			'certificate_untrusted',
			`${leaf.path} was not issued by the authority in ${join(dir, 'ca.crt')}`,
			{
				hint: reissue,
				details: { path: leaf.path },
			},
		);
	}
	return revokedError(dir, leaf) ?? phaseError(leaf.path, validityOf(leaf.chain[0]), reissue);
}

function revokedError(dir: CertsDirectory, leaf: Leaf): OrchestraError | undefined {
	const { name } = leaf.identity;
	const { revocations } = leaf.authorities;
	const [certificate] = leaf.chain;
	const revocation = revocations?.find({ name, ...revocationFacts(certificate) });
	if (revocation === undefined) return undefined;
	const blocked = revocations?.blocked(name) !== undefined;
	const command = blocked ? `revoke ${revocation.name ?? name} --undo` : `renew ${name}`;
	return new OrchestraError(
		'certificate_revoked',
		`the certificate ${leaf.path} was revoked ${revokedWhen(revocation)}`,
		{
			hint: `If that is over, run: orchestra certs ${command} --certs-dir ${shellWord(dir)}.`,
			details: { path: leaf.path, name, at: revocation.at, reason: revocation.reason },
		},
	);
}

/** The CA certificate that a leaf's chain ends at. */
export function issuingAuthority(leaf: Pick<Leaf, 'chain' | 'authorities'>): X509Certificate | undefined {
	for (const [index, certificate] of leaf.chain.entries()) {
		const authority = leaf.authorities.certificates.find((candidate) => isIssuedBy(certificate, candidate));
		if (authority !== undefined) return authority;
		const next = leaf.chain[index + 1];
		if (next === undefined || !next.ca || !isIssuedBy(certificate, next)) return undefined;
	}
	return undefined;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
	return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** The names of the certificates in a directory, in order; `ca` is not among them. A name need not be a valid one. */
export async function leafNames(dir: CertsDirectory): Promise<string[]> {
	const files = await readdir(dir).catch((error: unknown) => {
		throw certsDirError(dir, error);
	});
	const names = files.filter((file) => file.endsWith('.crt')).map((file) => file.slice(0, -4));
	return names.filter((name) => name !== 'ca').sort();
}

/**
 * Validity of a new leaf of an authority, in days. In a directory that the Go SDK made it is a year, as there: a Go
 * program takes a certificate of its name from whoever made it, and never renews it.
 */
export function leafDaysIn(authority: Pick<Authority, 'certificatePem'>): number {
	return isIssuedHere(new X509Certificate(authority.certificatePem)) ? defaultLeafDays : defaultAuthorityDays;
}

/** Validity of a leaf's successor: as long as its own, unless its authority's end had cut it short. */
export function renewalDays(leaf: Leaf, authority: Pick<Authority, 'certificatePem'>): number {
	const validity = validityOf(leaf.chain[0]);
	const end = validity.notAfter.getTime();
	const cut = leaf.authorities.certificates.some((root) => validityOf(root).notAfter.getTime() === end);
	return cut ? leafDaysIn(authority) : daysOf(validity);
}
