import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertCertificateName } from '../certificate-name.ts';
import type { Identity } from '../identity.ts';
import { type CertsDirectory, openCertsDir } from './certs-directory.ts';
import { untilUnlocked } from './certs-lock.ts';
import { type Leaf, leafFault, leafMissing, readLeaf } from './leaf.ts';
import { loadTrustedAuthorities } from './trust.ts';

/**
 * Loads the identity of a name from a certificates directory, and checks that it can be used now. Changes nothing, and does
 * without the authority's private key.
 *
 * @throws OrchestraError `invalid_name`, `certs_dir_unusable`, `certificate_missing`, `certificate_invalid`,
 * `certificate_expired`, `certificate_not_yet_valid`, `certificate_untrusted`, `key_exposed`
 */
export async function loadIdentity(certsDir: string, name: string): Promise<Identity> {
	assertCertificateName(name);
	const dir = await openCertsDir(certsDir, false);
	const leaf = await readSettledLeaf(dir, name);
	const fault = leafFault(dir, leaf);
	if (fault !== undefined) throw fault;
	return leaf.identity;
}

/** Reads a leaf, and where it is not of one piece, once more after the writer that may be at it is done. */
export async function readSettledLeaf(dir: CertsDirectory, name: string): Promise<Leaf> {
	try {
		const leaf = await readLeaf(dir, name);
		if (leaf !== undefined) return leaf;
	} catch (error) {
		const passing = error instanceof OrchestraError && /^certificate_(?:missing|invalid)$/.test(error.code);
		if (!passing) throw error;
	}
	await untilUnlocked(dir);
	const leaf = await readLeaf(dir, name);
	if (leaf !== undefined) return leaf;
	throw leafMissing(dir, name);
}

/**
 * A certificate of a directory as one PEM text: the leaf and what leads to its authority, the private key, the authorities. The
 * name `ca` gives the authorities, and no key.
 *
 * @throws OrchestraError `usage` for the key of the authority, and what {@link loadIdentity} throws
 */
export async function exportIdentity(
	certsDir: string,
	name: string,
	options: { readonly includeKey: boolean },
): Promise<string> {
	if (name === 'ca') {
		if (options.includeKey) {
			throw new OrchestraError('usage', 'the key of the authority is not exported', {
				hint: 'Add --public for its certificate, or issue certificates here and export those.',
			});
		}
		return (await loadTrustedAuthorities(await openCertsDir(certsDir, false))).caPem;
	}
	const { certificatePem, privateKeyPem, caPem } = await loadIdentity(certsDir, name);
	return [certificatePem, options.includeKey ? privateKeyPem : '', caPem].join('');
}
