import type { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { parseCertificates } from './parse-certificate.ts';
import { phaseError } from './phase-error.ts';
import { readPemFile } from './read-pem-file.ts';
import { shellWord } from './shell-word.ts';
import { validityOf } from './validity.ts';

/** The CA certificates of a directory, from `ca.crt`. */
export interface TrustedAuthorities {
	/** The text of the file. */
	readonly caPem: string;
	/** Its certificates. The first one is the one that issues; the others, if any, are only trusted. */
	readonly certificates: readonly [X509Certificate, ...X509Certificate[]];
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
		throw new OrchestraError('certificate_missing', `there is no certificate authority: ${path} is missing`, {
			hint: `Restore it, or run: orchestra certs init --certs-dir ${shellWord(dir)}.`,
			details: { path },
		});
	}
	const certificates = parseCertificates(caPem, path);
	if (!certificates.every((certificate) => certificate.ca)) {
		throw new OrchestraError(
			'certificate_invalid',
			`${path} holds a certificate that is not an authority's`,
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
	const renew = `Run: orchestra certs init --renew --certs-dir ${shellWord(dir)}. It keeps the key, so what was issued stays good.`;
	return phaseError(join(dir, 'ca.crt'), validityOf(certificate), renew);
}
