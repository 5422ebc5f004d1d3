import { X509Certificate } from 'node:crypto';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertCertificateName } from '../certificate-name.ts';
import { ensureAuthority } from '../directory/authority.ts';
import { issuingAuthority, trustOf } from '../directory/leaf.ts';
import { openCertsDir } from '../directory/open-certs-dir.ts';
import { loadTrustedAuthorities } from '../directory/trusted-authorities.ts';
import type { Identity } from '../identity.ts';
import { assertNotRevoked } from '../revocation/assert-not-revoked.ts';
import type { RevocationSubject } from '../revocation/revocations.ts';
import { fingerprintOf, keyFingerprintOf } from '../x509/fingerprint.ts';
import { issueIdentity } from '../x509/issue.ts';
import { parseCertificates } from '../x509/parse-certificate.ts';
import type { IdentitySource } from './identity-source.ts';
import { RenewingIdentity, type RenewingOptions } from './renewing-identity.ts';

/** How long a certificate for one launch is valid, in days. Its host renews it. */
export const oneTimeDays = 1;

/**
 * An identity that exists in memory only: issued now by the authority of a directory, issued anew (with a new key) before it ends,
 * when the authority changes, and never stored. For whom it is revoked it stays as it was: then nobody takes it any more.
 *
 * @throws OrchestraError `invalid_name`, `certificate_revoked`, and what {@link ensureAuthority} throws
 */
export async function openOneTimeIdentity(
	certsDir: string,
	name: string,
	options: RenewingOptions = {},
): Promise<IdentitySource> {
	assertCertificateName(name);
	const days = options.days ?? oneTimeDays;
	await ensureAuthority(certsDir);
	const dir = await openCertsDir(certsDir, false);
	const trust = async () => trustOf(await loadTrustedAuthorities(dir));
	const issue = async (): Promise<Identity> => {
		const trusted = await loadTrustedAuthorities(dir);
		const notBefore = assertNotRevoked(dir, trusted.revocations, name);
		const identity = issueIdentity(await ensureAuthority(dir), name, { days, notBefore });
		return { ...identity, ...trustOf(trusted) };
	};
	const refresh = async (current: Identity, due: boolean, mayIssue: boolean): Promise<Identity> => {
		if (due || (mayIssue && !(await isOfAuthority(dir, current)))) return issue();
		const trusted = await loadTrustedAuthorities(dir);
		const revoked = trusted.revocations?.find({ name, ...facts(current) });
		if (revoked === undefined) return { ...withoutTrust(current), ...trustOf(trusted) };
		// Throws where the name is revoked; where only this certificate is, nobody asked for another.
		assertNotRevoked(dir, trusted.revocations, name);
		throw new OrchestraError(
			'certificate_revoked',
			`the certificate of ${name} for this launch was revoked`,
			{
				hint: `Start ${name} again.`,
			},
		);
	};
	return new RenewingIdentity(await issue(), { dir, files: ['ca.key'], refresh, trust }, options);
}

/** Whether a certificate is of the authority that issues now. */
async function isOfAuthority(dir: string, identity: Identity): Promise<boolean> {
	const authorities = await loadTrustedAuthorities(dir);
	const chain = parseCertificates(identity.certificatePem, identity.name);
	return issuingAuthority({ chain, authorities }) === authorities.certificates[0];
}

function facts({ certificatePem }: Identity): Omit<RevocationSubject, 'name'> {
	const certificate = new X509Certificate(certificatePem);
	return {
		fingerprint: fingerprintOf(certificate),
		keyFingerprint: keyFingerprintOf(certificate),
		validFrom: new Date(certificate.validFrom),
	};
}

function withoutTrust({ name, certificatePem, privateKeyPem, caPem }: Identity): Identity {
	return { name, certificatePem, privateKeyPem, caPem };
}
