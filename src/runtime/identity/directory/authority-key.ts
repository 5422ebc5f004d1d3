import type { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { parsePrivateKey } from '../x509/parse-certificate.ts';
import { readPemFile } from './read-pem-file.ts';

/**
 * Reads the private key of the authority in an opened directory, PEM.
 *
 * @throws OrchestraError `certificate_missing`, `certificate_invalid` (no key, or none that can issue), `key_exposed`
 */
export async function readAuthorityKey(dir: string): Promise<string> {
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
export function assertAuthorityKey(dir: string, certificate: X509Certificate, privateKeyPem: string): void {
	const path = join(dir, 'ca.key');
	if (certificate.checkPrivateKey(parsePrivateKey(privateKeyPem, path))) return;
	throw new OrchestraError('certificate_invalid', `${path} is not the key of ${join(dir, 'ca.crt')}`, {
		hint: 'Restore the two files that belong together.',
		details: { path },
	});
}
