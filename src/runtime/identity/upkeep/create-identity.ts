import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertCertificateName } from '../certificate-name.ts';
import { loadSettledAuthority } from '../directory/authority.ts';
import { certsDirError, openCertsDir } from '../directory/certs-directory.ts';
import { withCertsLock } from '../directory/certs-lock.ts';
import { leafDaysIn, leafPaths } from '../directory/leaf.ts';
import { loadIdentity } from '../directory/load-identity.ts';
import { createPemFile, isThere, replacePemFile, unlinkIfThere } from '../directory/pem-file.ts';
import { assertNotRevoked, readRevocations } from '../directory/trust.ts';
import type { Identity } from '../identity.ts';
import type { IssueOptions } from '../x509/issue.ts';

/** Options of {@link createIdentity}. */
export interface CreateIdentityOptions extends Pick<IssueOptions, 'days'> {
	/** Whether what is there under the name is replaced, whatever state it is in. Default false. */
	readonly replace?: boolean | undefined;
}

/**
 * Issues a certificate with a fresh key for a name and stores it in a directory that has an authority.
 *
 * @throws OrchestraError `invalid_name`, `certificate_exists`, `certificate_revoked`, and what loading the authority throws
 */
export async function createIdentity(
	certsDir: string,
	name: string,
	options: CreateIdentityOptions = {},
): Promise<Identity> {
	assertCertificateName(name);
	const opened = await openCertsDir(certsDir, false);
	return withCertsLock(opened, async (dir) => {
		const { issueIdentity } = await import('../x509/issue.ts');
		const authority = await loadSettledAuthority(dir);
		const notBefore = assertNotRevoked(dir, await readRevocations(dir), name);
		const days = options.days ?? leafDaysIn(authority);
		const identity = issueIdentity(authority, name, { days, notBefore, given: true });
		const { crt, key } = leafPaths(dir, name);
		try {
			if (options.replace) {
				// A crash after any of these steps leaves a key without a certificate at worst, never two that do not match.
				await unlinkIfThere(crt);
				await replacePemFile(key, identity.privateKeyPem);
				await replacePemFile(crt, identity.certificatePem);
			} else {
				// Both are asked first, or the second could fail with the first one done.
				await assertFree(crt);
				await assertFree(key);
				if (!(await createPemFile(key, identity.privateKeyPem))) throw exists(key);
				if (!(await createPemFile(crt, identity.certificatePem))) throw exists(crt);
			}
		} catch (error) {
			throw certsDirError(dir, error);
		}
		return loadIdentity(dir, name);
	});
}

async function assertFree(path: string): Promise<void> {
	if (await isThere(path)) throw exists(path);
}

function exists(path: string): OrchestraError {
	return new OrchestraError('certificate_exists', `${path} is there already`, {
		hint: 'Add --force to replace the certificate and its private key.',
		details: { path },
	});
}
