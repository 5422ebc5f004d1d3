import { join } from 'node:path';
import { type Authority, loadAuthority } from '../directory/authority.ts';
import { assertAuthorityKey, readAuthorityKey } from '../directory/authority-key.ts';
import { withCertsLock } from '../directory/certs-lock.ts';
import { certsDirError, openCertsDir } from '../directory/open-certs-dir.ts';
import { loadTrustedAuthorities } from '../directory/trusted-authorities.ts';
import { replacePemFile } from '../directory/write-pem-file.ts';
import { settleNextKey } from './next-key.ts';

/**
 * Gives the authority of a directory a new certificate for the key it has, valid for 365 days from now. What it issued before
 * stays good, also with peers that still hold its former certificate.
 *
 * @throws OrchestraError `certificate_missing`, `certificate_invalid`, `key_exposed`, `certs_dir_unusable`
 */
export async function renewAuthority(certsDir: string): Promise<Authority> {
	const dir = await openCertsDir(certsDir, false);
	return withCertsLock(dir, async () => {
		const { createAuthority } = await import('../x509/create-authority.ts');
		await settleNextKey(dir);
		const privateKeyPem = await readAuthorityKey(dir);
		const { certificates } = await loadTrustedAuthorities(dir);
		assertAuthorityKey(dir, certificates[0], privateKeyPem);
		// Those that were only trusted stay trusted.
		const others = certificates.slice(1).map((certificate) => certificate.toString());
		const { certificatePem } = createAuthority({ privateKeyPem });
		try {
			await replacePemFile(join(dir, 'ca.crt'), [certificatePem, ...others].join(''));
		} catch (error) {
			throw certsDirError(dir, error);
		}
		return loadAuthority(dir);
	});
}
