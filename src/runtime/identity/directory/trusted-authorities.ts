import type { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { overlaps, type Rotation, readRotation } from '../renewal/rotation-file.ts';
import { readRevocations } from '../revocation/revocation-file.ts';
import type { Revocations } from '../revocation/revocations.ts';
import { fingerprintOf } from '../x509/fingerprint.ts';
import { parseCertificates } from '../x509/parse-certificate.ts';
import { phaseError } from '../x509/phase-error.ts';
import { validityOf } from '../x509/validity.ts';
import { readPemFile } from './read-pem-file.ts';
import { shellWord } from './shell-word.ts';

/** Whom a directory trusts: the CA certificates in `ca.crt`, but for those whom a rotation has ended, and who was revoked. */
export interface TrustedAuthorities {
	/** The certificates as PEM: the text of the file, where all of it is trusted. */
	readonly caPem: string;
	/** The first one is the one that issues; the others, if any, are only trusted. */
	readonly certificates: readonly [X509Certificate, ...X509Certificate[]];
	/** Undefined where there are none. */
	readonly revocations: Revocations | undefined;
	/** The rotation that is under way, as long as both authorities are trusted. */
	readonly rotation: Rotation | undefined;
}

/**
 * Loads whom an opened directory trusts, whatever the dates of the certificates.
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
	const revocations = await readRevocations(dir);
	const rotation = await rotationOf(dir, certificates[0]);
	if (rotation === undefined || overlaps(rotation)) return { caPem, certificates, revocations, rotation };
	// Whoever started it may never have come back to end it.
	const [first, ...others] = certificates;
	const left = others.filter((certificate) => fingerprintOf(certificate) !== rotation.previous);
	const trusted: TrustedAuthorities['certificates'] = [first, ...left];
	return { caPem: trusted.map(String).join(''), certificates: trusted, revocations, rotation: undefined };
}

/**
 * The rotation in an opened directory, also where its overlap has ended.
 *
 * @param authority the one that issues. A rotation away from it was interrupted before it had begun, and does not count
 */
export async function rotationOf(dir: string, authority: X509Certificate): Promise<Rotation | undefined> {
	const rotation = await readRotation(dir);
	return rotation?.previous === fingerprintOf(authority) ? undefined : rotation;
}

/** Why an authority's certificate is not valid now, if so. */
export function authorityPhaseError(dir: string, certificate: X509Certificate): OrchestraError | undefined {
	const renew = `Run: orchestra certs init --renew --certs-dir ${shellWord(dir)}. It keeps the key, so what was issued stays good.`;
	return phaseError(join(dir, 'ca.crt'), validityOf(certificate), renew);
}
