import { ensureAuthorityLocked } from './authority.ts';
import { assertCertificateName } from './certificate-name.ts';
import { withCertsLock } from './certs-lock.ts';
import type { Identity } from './identity.ts';
import type { IssueOptions } from './issue.ts';
import { leafPaths } from './leaf.ts';
import { loadIdentity } from './load-identity.ts';
import { certsDirError, openCertsDir } from './open-certs-dir.ts';
import { replacePemFile, unlinkIfThere } from './write-pem-file.ts';

/**
 * Issues a certificate with a fresh key for a name, in place of what is there, whatever state that is in. Makes the authority
 * where there is none.
 *
 * @throws OrchestraError `invalid_name`, `certs_dir_unusable`, and what is wrong with the authority
 */
export async function replaceIdentity(
	certsDir: string,
	name: string,
	options: Pick<IssueOptions, 'days'> = {},
): Promise<Identity> {
	assertCertificateName(name);
	const dir = await openCertsDir(certsDir, true);
	return withCertsLock(dir, async () => {
		const { issueIdentity } = await import('./issue.ts');
		const identity = issueIdentity(await ensureAuthorityLocked(dir), name, options);
		const { crt, key } = leafPaths(dir, name);
		try {
			// A crash after any of these steps leaves a key without a certificate at worst, never two that do not match.
			await unlinkIfThere(crt);
			await replacePemFile(key, identity.privateKeyPem);
			await replacePemFile(crt, identity.certificatePem);
		} catch (error) {
			throw certsDirError(dir, error);
		}
		return loadIdentity(dir, name);
	});
}
