import { type Leaf, leafPaths, trustOf } from '../directory/leaf.ts';
import { renewalDays } from '../directory/leaf-days.ts';
import { certsDirError } from '../directory/open-certs-dir.ts';
import { replacePemFile, unlinkIfThere } from '../directory/write-pem-file.ts';
import type { Identity } from '../identity.ts';
import { assertNotRevoked } from '../revocation/assert-not-revoked.ts';
import type { Authority } from '../x509/authority-pair.ts';

/** How {@link renewLeaf} goes about it. */
export interface RenewLeafOptions {
	/** How long the new certificate is valid. Default: {@link renewalDays}. */
	readonly days?: number | undefined;
	/** Whether it gets a new key as well. Default false: then one file changes only, and whoever reads finds a pair that matches. */
	readonly newKey?: boolean | undefined;
}

/**
 * Puts a new certificate in the place of a leaf. The caller holds the lock of the opened directory.
 *
 * @throws OrchestraError `certificate_revoked` where the name is, `certs_dir_unusable`
 */
export async function renewLeaf(
	dir: string,
	leaf: Leaf,
	authority: Authority,
	options: RenewLeafOptions = {},
): Promise<Identity> {
	const { name, privateKeyPem } = leaf.identity;
	const notBefore = assertNotRevoked(dir, leaf.authorities.revocations, name);
	const { issueIdentity } = await import('../x509/issue.ts');
	const days = options.days ?? renewalDays(leaf, authority);
	const key = options.newKey ? {} : { privateKeyPem };
	const identity = issueIdentity(authority, name, { days, notBefore, ...key });
	const paths = leafPaths(dir, name);
	try {
		if (options.newKey) {
			// A crash after any of these steps leaves a key without a certificate at worst, never two that do not match.
			await unlinkIfThere(paths.crt);
			await replacePemFile(paths.key, identity.privateKeyPem);
		}
		await replacePemFile(paths.crt, identity.certificatePem);
	} catch (error) {
		throw certsDirError(dir, error);
	}
	return { ...identity, ...trustOf(leaf.authorities) };
}
