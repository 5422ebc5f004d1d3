import { X509Certificate } from 'node:crypto';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertCertificateName } from '../certificate-name.ts';
import { ensureAuthority } from '../directory/authority.ts';
import { openCertsDir } from '../directory/certs-directory.ts';
import { issuingAuthority, trustOf } from '../directory/leaf.ts';
import { loadIdentity } from '../directory/load-identity.ts';
import { assertNotRevoked, loadTrustedAuthorities, type TrustedAuthorities } from '../directory/trust.ts';
import type { Identity } from '../identity.ts';
import {
	type EnsureIdentityOptions,
	ensureIdentity,
	refreshIdentity,
	renewableCodes,
} from '../upkeep/ensure-identity.ts';
import { parseCertificates, revocationFacts } from '../x509/read-certificate.ts';
import type { IdentitySource } from './identity-source.ts';
import { RenewingIdentity, type RenewingOptions } from './renewing-identity.ts';

/**
 * The identity of a name in a certificates directory, for as long as a process lives: made where it is absent, renewed in time, and
 * replaced by what another process renews, rotates or revokes there. A certificate of another program is used, not renewed.
 *
 * @throws OrchestraError what {@link ensureIdentity} throws; later problems go to `onProblem`
 */
export async function openDirectoryIdentity(
	certsDir: string,
	name: string,
	options: RenewingOptions & EnsureIdentityOptions = {},
): Promise<IdentitySource> {
	const { days } = options;
	const first = await ensureIdentity(certsDir, name, { days });
	const dir = await openCertsDir(certsDir, false);
	return new RenewingIdentity(
		first,
		{
			dir,
			files: [`${name}.crt`, `${name}.key`],
			async refresh(_current, due, mayIssue) {
				if (due) return refreshIdentity(dir, name, { days });
				try {
					return await loadIdentity(dir, name);
				} catch (error) {
					const mendable = error instanceof OrchestraError && renewableCodes.has(error.code);
					if (!mendable || !mayIssue) throw error;
					return refreshIdentity(dir, name, { days });
				}
			},
			trust: async () => trustOf(await loadTrustedAuthorities(dir)),
		},
		options,
	);
}

/** Validity of a certificate for one launch, in days. Its host renews it. */
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
		const { issueIdentity } = await import('../x509/issue.ts');
		const identity = issueIdentity(await ensureAuthority(dir), name, { days, notBefore });
		return { ...identity, ...trustOf(trusted) };
	};
	const refresh = async (current: Identity, due: boolean, mayIssue: boolean): Promise<Identity> => {
		if (due) return issue();
		const trusted = await loadTrustedAuthorities(dir);
		if (mayIssue && !isOfAuthority(trusted, current)) return issue();
		const certificate = new X509Certificate(current.certificatePem);
		const revoked = trusted.revocations?.find({ name, ...revocationFacts(certificate) });
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
function isOfAuthority(authorities: TrustedAuthorities, identity: Identity): boolean {
	const chain = parseCertificates(identity.certificatePem, identity.name);
	return issuingAuthority({ chain, authorities }) === authorities.certificates[0];
}

function withoutTrust({ name, certificatePem, privateKeyPem, caPem }: Identity): Identity {
	return { name, certificatePem, privateKeyPem, caPem };
}
