import type { X509Certificate } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Authority } from '../x509/issue.ts';
import { parseCertificates, parsePrivateKey } from '../x509/read-certificate.ts';
import {
	type CertsDirectory,
	certsDirError,
	type LockedCertsDirectory,
	openCertsDir,
} from './certs-directory.ts';
import { withCertsLock } from './certs-lock.ts';
import { createPemFile, readPemFile, unlinkIfThere } from './pem-file.ts';
import { authorityPhaseError, loadTrustedAuthorities } from './trust.ts';

/**
 * Loads the certificate authority of a directory, and makes one where there is none yet: `ca.crt` and `ca.key`. What is there
 * is never rewritten. Any number of processes may do this at once; all end with the same authority.
 *
 * @throws OrchestraError what {@link loadAuthority} throws, except that nothing is there
 */
export async function ensureAuthority(certsDir: string): Promise<Authority> {
	const dir = await openCertsDir(certsDir, true);
	if (await hasAuthority(dir)) return loadAuthority(dir);
	return withCertsLock(dir, ensureAuthorityIn);
}

/** {@link ensureAuthority} for a caller that holds the lock. */
export async function ensureAuthorityIn(dir: LockedCertsDirectory): Promise<Authority> {
	if (!(await hasAuthority(dir))) await makeAuthority(dir);
	return loadSettledAuthority(dir);
}

/**
 * Loads the certificate authority of a directory with its private key, to issue with.
 *
 * @throws OrchestraError `certs_dir_unusable`, `certificate_missing`, `certificate_invalid` (corrupt, no CA, another key),
 * `certificate_expired`, `certificate_not_yet_valid`, `key_exposed`
 */
export async function loadAuthority(certsDir: string): Promise<Authority> {
	const dir = await openCertsDir(certsDir, false);
	const { caPem, certificates, rotation } = await loadTrustedAuthorities(dir);
	const fault = authorityPhaseError(dir, certificates[0]);
	if (fault !== undefined) throw fault;
	const privateKeyPem = await readAuthorityKey(dir);
	assertAuthorityKey(dir, certificates[0], privateKeyPem);
	const authority: Authority = { certificatePem: caPem, privateKeyPem };
	const crossCertificatePem = rotation?.crossCertificatePem;
	return crossCertificatePem === undefined ? authority : { ...authority, crossCertificatePem };
}

/** {@link loadAuthority} for a caller that holds the lock: what a rotation left half done is done first. */
export async function loadSettledAuthority(dir: LockedCertsDirectory): Promise<Authority> {
	await settleNextKey(dir);
	return loadAuthority(dir);
}

/** A certificate without its key counts: the key may be kept elsewhere on purpose, and cannot be made up anyway. */
async function hasAuthority(dir: CertsDirectory): Promise<boolean> {
	return (await readPemFile(join(dir, 'ca.crt'), false)) !== undefined;
}

/** The key first, then a certificate for the key that is on disk by then: whoever came first and whatever was interrupted, they match. */
async function makeAuthority(dir: LockedCertsDirectory): Promise<void> {
	const { createAuthority } = await import('../x509/issue.ts');
	try {
		const key = join(dir, 'ca.key');
		if ((await readPemFile(key, true)) === undefined) {
			await createPemFile(key, createAuthority().privateKeyPem);
		}
		const privateKeyPem = await readAuthorityKey(dir);
		await createPemFile(join(dir, 'ca.crt'), createAuthority({ privateKeyPem }).certificatePem);
	} catch (error) {
		throw certsDirError(dir, error);
	}
}

/**
 * Reads the private key of the authority in a directory, PEM.
 *
 * @throws OrchestraError `certificate_missing`, `certificate_invalid` (no key, or none that can issue), `key_exposed`
 */
export async function readAuthorityKey(dir: CertsDirectory): Promise<string> {
	const path = join(dir, 'ca.key');
	const privateKeyPem = await readPemFile(path, true);
	if (privateKeyPem === undefined) {
		throw new OrchestraError('certificate_missing', `nothing can be issued here: ${path} is missing`, {
			hint: 'Issue certificates where the key of the authority is kept, and copy them here.',
			details: { path },
		});
	}
	const kind = parsePrivateKey(privateKeyPem, path).asymmetricKeyType;
	if (kind !== 'ed25519') {
		throw new OrchestraError(
			'certificate_invalid',
			`${path} is a key of kind ${kind}; only Ed25519 can issue`,
			{
				hint: 'Issue certificates with the tool that made this authority, or use another directory.',
				details: { path },
			},
		);
	}
	return privateKeyPem;
}

/** @throws OrchestraError `certificate_invalid` where the key is not the one of the authority's certificate */
export function assertAuthorityKey(
	dir: CertsDirectory,
	certificate: X509Certificate,
	privateKeyPem: string,
): void {
	const path = join(dir, 'ca.key');
	if (certificate.checkPrivateKey(parsePrivateKey(privateKeyPem, path))) return;
	throw new OrchestraError('certificate_invalid', `${path} is not the key of ${join(dir, 'ca.crt')}`, {
		hint: 'Restore the two files that belong together.',
		details: { path },
	});
}

/** Path of the next authority's key until `ca.crt` is its certificate's. No leaf can have this name. */
function nextKeyPath(dir: CertsDirectory): string {
	return join(dir, '.ca.next.key');
}

/** Keeps the key of the next authority. */
export async function writeNextKey(dir: LockedCertsDirectory, privateKeyPem: string): Promise<void> {
	await unlinkIfThere(nextKeyPath(dir));
	await createPemFile(nextKeyPath(dir), privateKeyPem);
}

/**
 * Completes a change of authority, or undoes one: certificate and key are two files and change one after the other, so an
 * interruption in between leaves the key where it can be found.
 */
export async function settleNextKey(dir: LockedCertsDirectory): Promise<void> {
	const path = nextKeyPath(dir);
	const privateKeyPem = await readPemFile(path, true);
	if (privateKeyPem === undefined) return;
	const authorityPem = await readPemFile(join(dir, 'ca.crt'), false);
	const [authority] = authorityPem === undefined ? [] : parseCertificates(authorityPem, join(dir, 'ca.crt'));
	if (authority?.checkPrivateKey(parsePrivateKey(privateKeyPem, path)))
		await rename(path, join(dir, 'ca.key'));
	else await unlinkIfThere(path);
}
