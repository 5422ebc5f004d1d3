import { OrchestraError } from '../wire/orchestra-error.ts';
import { ensureAuthorityLocked } from './authority.ts';
import { assertCertificateName } from './certificate-name.ts';
import { withCertsLock } from './certs-lock.ts';
import type { Identity } from './identity.ts';
import { type Leaf, leafFault, leafPaths, readLeaf, readLeafKey } from './leaf.ts';
import { loadIdentity } from './load-identity.ts';
import { certsDirError, openCertsDir } from './open-certs-dir.ts';
import { phaseOf, validityOf } from './validity.ts';
import { createPemFile, replacePemFile } from './write-pem-file.ts';

/**
 * Loads the identity of a name, and makes what is absent: the directory, the authority, the certificate. A certificate that
 * has expired, has less than a third of its life left, or was issued by another authority is renewed, with the same key, where
 * the authority's key is there. Any number of processes may do this at once.
 *
 * @throws OrchestraError what {@link loadIdentity} throws, except that nothing is there. A file that is corrupt, or a key that
 * does not match, is an error and never replaced.
 */
export async function ensureIdentity(certsDir: string, name: string): Promise<Identity> {
	assertCertificateName(name);
	const dir = await openCertsDir(certsDir, true);
	const leaf = await readLeafQuietly(dir, name);
	if (leaf !== undefined && leafFault(dir, leaf) === undefined && !isDue(leaf)) return leaf.identity;
	try {
		return await withCertsLock(dir, () => renewLocked(dir, name));
	} catch (error) {
		// A renewal that is early may fail: what there is still serves.
		if (leaf !== undefined && leafFault(dir, leaf) === undefined) return leaf.identity;
		throw error;
	}
}

async function renewLocked(dir: string, name: string): Promise<Identity> {
	const leaf = await readLeaf(dir, name);
	const fault = leaf && leafFault(dir, leaf);
	if (leaf !== undefined && fault === undefined && !isDue(leaf)) return leaf.identity;
	const renewable =
		fault === undefined || fault.code === 'certificate_untrusted' || fault.code === 'certificate_expired';
	if (!renewable) throw fault;
	const authority = await ensureAuthorityLocked(dir);
	const { issueIdentity } = await import('./issue.ts');
	const { crt, key } = leafPaths(dir, name);
	try {
		if (leaf === undefined && (await readLeafKey(dir, name)) === undefined) {
			await createPemFile(key, issueIdentity(authority, name).privateKeyPem);
		}
		// The same key, so that only one file changes and whoever reads meanwhile finds a pair that matches.
		const privateKeyPem = await readLeafKey(dir, name);
		const { certificatePem } = issueIdentity(authority, name, { privateKeyPem });
		if (leaf === undefined) await createPemFile(crt, certificatePem);
		else await replacePemFile(crt, certificatePem);
	} catch (error) {
		throw certsDirError(dir, error);
	}
	return loadIdentity(dir, name);
}

/** Whether a renewal is due, and brings more life: no leaf outlives its authority. */
function isDue(leaf: Leaf): boolean {
	const validity = validityOf(leaf.chain[0]);
	if (phaseOf(validity) === 'valid') return false;
	return validity.notAfter < validityOf(leaf.authorities.certificates[0]).notAfter;
}

/** Undefined where there is no leaf, or where it is not of one piece, which may pass: the lock will tell. */
async function readLeafQuietly(dir: string, name: string): Promise<Leaf | undefined> {
	try {
		return await readLeaf(dir, name);
	} catch (error) {
		if (error instanceof OrchestraError && /^certificate_(?:missing|invalid)$/.test(error.code))
			return undefined;
		throw error;
	}
}
