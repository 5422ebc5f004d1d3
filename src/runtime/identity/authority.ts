import type { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { Authority } from './authority-pair.ts';
import { withCertsLock } from './certs-lock.ts';
import { certsDirError, openCertsDir } from './open-certs-dir.ts';
import { parseCertificates, parsePrivateKey } from './parse-certificate.ts';
import { phaseError } from './phase-error.ts';
import { readPemFile } from './read-pem-file.ts';
import { validityOf } from './validity.ts';
import { createPemFile, replacePemFile } from './write-pem-file.ts';

export type { Authority } from './authority-pair.ts';

/** The CA certificates of a directory, from `ca.crt`. */
export interface TrustedAuthorities {
	/** The text of the file. */
	readonly caPem: string;
	/** Its certificates. The first one is the one that issues. */
	readonly certificates: readonly [X509Certificate, ...X509Certificate[]];
}

/**
 * Loads the certificate authority of a directory, and makes one where there is none yet: `ca.crt` and `ca.key`. What is there
 * is never rewritten. Any number of processes may do this at once; all end with the same authority.
 *
 * @throws OrchestraError what {@link loadAuthority} throws, except that nothing is there
 */
export async function ensureAuthority(certsDir: string): Promise<Authority> {
	const dir = await openCertsDir(certsDir, true);
	if (await isComplete(dir)) return loadAuthority(dir);
	return withCertsLock(dir, () => ensureAuthorityLocked(dir));
}

/** {@link ensureAuthority} for a caller that holds the lock. */
export async function ensureAuthorityLocked(dir: string): Promise<Authority> {
	if (await isComplete(dir)) return loadAuthority(dir);
	const { createAuthority } = await import('./create-authority.ts');
	const crt = join(dir, 'ca.crt');
	const key = join(dir, 'ca.key');
	// A certificate whose key is elsewhere is a choice, and its key cannot be made up.
	if ((await readPemFile(crt, false)) !== undefined) return loadAuthority(dir);
	try {
		// The key first, and the certificate from what is then on disk: whoever came first, and whatever was interrupted, the two match.
		if ((await readPemFile(key, true)) === undefined) {
			await createPemFile(key, createAuthority().privateKeyPem);
		}
		const privateKeyPem = await readAuthorityKey(dir);
		await createPemFile(crt, createAuthority({ privateKeyPem }).certificatePem);
	} catch (error) {
		throw certsDirError(dir, error);
	}
	return loadAuthority(dir);
}

/**
 * Gives the authority of a directory a new certificate with the same key, valid for another 365 days. What it has issued stays valid.
 *
 * @throws OrchestraError `certificate_missing`, `certificate_invalid`, `key_exposed`, `certs_dir_unusable`
 */
export async function renewAuthority(certsDir: string): Promise<Authority> {
	const dir = await openCertsDir(certsDir, false);
	return withCertsLock(dir, async () => {
		const { createAuthority } = await import('./create-authority.ts');
		const privateKeyPem = await readAuthorityKey(dir);
		const { certificates } = await loadTrustedAuthorities(dir);
		assertKeyMatches(dir, certificates[0], privateKeyPem);
		try {
			await replacePemFile(join(dir, 'ca.crt'), createAuthority({ privateKeyPem }).certificatePem);
		} catch (error) {
			throw certsDirError(dir, error);
		}
		return loadAuthority(dir);
	});
}

/**
 * Loads the certificate authority of a directory with its private key, to issue with.
 *
 * @throws OrchestraError `certs_dir_unusable`, `certificate_missing`, `certificate_invalid` (corrupt, no CA, another key),
 * `certificate_expired`, `certificate_not_yet_valid`, `key_exposed`
 */
export async function loadAuthority(certsDir: string): Promise<Authority> {
	const dir = await openCertsDir(certsDir, false);
	const { caPem, certificates } = await loadTrustedAuthorities(dir);
	const fault = authorityPhaseError(dir, certificates[0]);
	if (fault !== undefined) throw fault;
	const privateKeyPem = await readAuthorityKey(dir);
	assertKeyMatches(dir, certificates[0], privateKeyPem);
	return { certificatePem: caPem, privateKeyPem };
}

/**
 * Loads the CA certificates of an opened directory, whatever their dates.
 *
 * @throws OrchestraError `certificate_missing`, `certificate_invalid`
 */
export async function loadTrustedAuthorities(dir: string): Promise<TrustedAuthorities> {
	const path = join(dir, 'ca.crt');
	const caPem = await readPemFile(path, false);
	if (caPem === undefined) {
		throw new OrchestraError(
			'certificate_missing',
			`There is no certificate authority: ${path} is missing.`,
			{
				hint: `Run: orchestra certs init --certs-dir '${dir}'.`,
				details: { path },
			},
		);
	}
	const certificates = parseCertificates(caPem, path);
	if (!certificates.every((certificate) => certificate.ca)) {
		throw new OrchestraError(
			'certificate_invalid',
			`${path} holds a certificate that is not one of an authority.`,
			{
				hint: 'Restore the certificate of the authority.',
				details: { path },
			},
		);
	}
	return { caPem, certificates };
}

/** Why an authority's certificate is not valid now, if so. */
export function authorityPhaseError(dir: string, certificate: X509Certificate): OrchestraError | undefined {
	const renew = `Run: orchestra certs init --renew --certs-dir '${dir}'. Certificates issued by it stay valid.`;
	return phaseError(join(dir, 'ca.crt'), validityOf(certificate), renew);
}

async function readAuthorityKey(dir: string): Promise<string> {
	const path = join(dir, 'ca.key');
	const privateKeyPem = await readPemFile(path, true);
	if (privateKeyPem === undefined) {
		throw new OrchestraError('certificate_missing', `Nothing can be issued here: ${path} is missing.`, {
			hint: 'Issue certificates where the key of the authority is kept, and copy them here.',
			details: { path },
		});
	}
	const kind = parsePrivateKey(privateKeyPem, path).asymmetricKeyType;
	if (kind !== 'ed25519') {
		throw new OrchestraError(
			'certificate_invalid',
			`${path} is a key of kind ${kind}; only Ed25519 can issue.`,
			{
				hint: 'Issue certificates with the tool that made this authority, or make an authority of ours elsewhere.',
				details: { path },
			},
		);
	}
	return privateKeyPem;
}

function assertKeyMatches(dir: string, certificate: X509Certificate, privateKeyPem: string): void {
	const path = join(dir, 'ca.key');
	if (certificate.checkPrivateKey(parsePrivateKey(privateKeyPem, path))) return;
	throw new OrchestraError('certificate_invalid', `${path} is not the key of ${join(dir, 'ca.crt')}.`, {
		hint: 'Restore the two files that belong together.',
		details: { path },
	});
}

async function isComplete(dir: string): Promise<boolean> {
	return (
		(await readPemFile(join(dir, 'ca.crt'), false)) !== undefined &&
		(await readPemFile(join(dir, 'ca.key'), true)) !== undefined
	);
}
