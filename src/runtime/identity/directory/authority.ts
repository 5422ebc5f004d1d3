import { join } from 'node:path';
import { settleNextKey } from '../renewal/next-key.ts';
import type { Authority } from '../x509/authority-pair.ts';
import { assertAuthorityKey, readAuthorityKey } from './authority-key.ts';
import { withCertsLock } from './certs-lock.ts';
import { certsDirError, openCertsDir } from './open-certs-dir.ts';
import { readPemFile } from './read-pem-file.ts';
import { authorityPhaseError, loadTrustedAuthorities } from './trusted-authorities.ts';
import { createPemFile } from './write-pem-file.ts';

export type { Authority } from '../x509/authority-pair.ts';

/**
 * Loads the certificate authority of a directory, and makes one where there is none yet: `ca.crt` and `ca.key`. What is there
 * is never rewritten. Any number of processes may do this at once; all end with the same authority.
 *
 * @throws OrchestraError what {@link loadAuthority} throws, except that nothing is there
 */
export async function ensureAuthority(certsDir: string): Promise<Authority> {
	const dir = await openCertsDir(certsDir, true);
	if (await hasAuthority(dir)) return loadAuthority(dir);
	return withCertsLock(dir, () => ensureAuthorityLocked(dir));
}

/** {@link ensureAuthority} for a caller that holds the lock of an opened directory. */
export async function ensureAuthorityLocked(dir: string): Promise<Authority> {
	if (!(await hasAuthority(dir))) await makeAuthority(dir);
	return loadAuthorityLocked(dir);
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

/** {@link loadAuthority} for a caller that holds the lock of an opened directory: what a rotation left half done is done first. */
export async function loadAuthorityLocked(dir: string): Promise<Authority> {
	await settleNextKey(dir);
	return loadAuthority(dir);
}

/** A certificate without its key counts: the key may be kept elsewhere on purpose, and cannot be made up anyway. */
async function hasAuthority(dir: string): Promise<boolean> {
	return (await readPemFile(join(dir, 'ca.crt'), false)) !== undefined;
}

/** The key first, then a certificate for the key that is on disk by then: whoever came first and whatever was interrupted, they match. */
async function makeAuthority(dir: string): Promise<void> {
	const { createAuthority } = await import('../x509/create-authority.ts');
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
