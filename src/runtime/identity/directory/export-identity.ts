import { OrchestraError } from '../../wire/orchestra-error.ts';
import { loadIdentity } from './load-identity.ts';
import { openCertsDir } from './open-certs-dir.ts';
import { loadTrustedAuthorities } from './trusted-authorities.ts';

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
