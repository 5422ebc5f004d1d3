import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import type { ErrorCode } from '../../wire/error-code.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import { assertCertificateName } from '../certificate-name.ts';
import {
	type CertificateDescription,
	describeCertificate,
	fingerprintOf,
	isGiven,
	isIssuedHere,
	parseCertificates,
	parsePrivateKey,
} from '../x509/read-certificate.ts';
import { type Phase, shareUsed, validityOf } from '../x509/validity.ts';
import { loadAuthority } from './authority.ts';
import { type CertsDirectory, openCertsDir } from './certs-directory.ts';
import { issuingAuthority, leafNames } from './leaf.ts';
import { loadIdentity } from './load-identity.ts';
import { readPemFile } from './pem-file.ts';
import { authorityPhaseError, loadTrustedAuthorities } from './trust.ts';

/** Whether a certificate can be used, in one word. `unusable`: see the problem. */
export type CertificateStatus = Phase | 'untrusted' | 'revoked' | 'unusable';

/** Relation of a private key to its certificate. */
export type KeyState = 'matches' | 'missing' | 'mismatch' | 'exposed' | 'unusable';

/** A certificate of a directory and whether it can be used. */
export interface CertificateReport {
	/** The name of the file without `.crt`; `ca` is the authority. */
	readonly name: string;
	/** The path of the certificate. */
	readonly path: string;
	/** Undefined where the file holds no certificate. */
	readonly certificate: CertificateDescription | undefined;
	readonly key: KeyState;
	/** Whether the chain ends at an authority of the directory. */
	readonly isTrusted: boolean;
	/** SHA-256 of that authority, lower-case hexadecimal; undefined where it is not trusted. */
	readonly root: string | undefined;
	/** Whether this software issued it, and so renews it by itself. */
	readonly isOurs: boolean;
	/** Whether somebody was given it (`certs issue`), who may use it on another machine. */
	readonly isGiven: boolean;
	/** The share of its life that is over, from 0 to 1; undefined where the file holds no certificate. */
	readonly shareUsed: number | undefined;
	readonly status: CertificateStatus;
	/** Error with which loading it fails. Undefined where it can be used. */
	readonly problem: OrchestraError | undefined;
}

const statusOfCode: Partial<Record<ErrorCode | (string & {}), CertificateStatus>> = {
	certificate_expired: 'expired',
	certificate_not_yet_valid: 'not-yet-valid',
	certificate_untrusted: 'untrusted',
	certificate_revoked: 'revoked',
};

/**
 * Looks at one certificate of a directory: `ca`, or a name. The verdict is by construction that of loading it. An authority
 * without its private key is fine: it is trusted, it only cannot issue here.
 *
 * @throws OrchestraError `invalid_name`, `certs_dir_unusable`, and `certificate_missing` where there is no such certificate; what
 * is wrong with one that is there is in the report
 */
export async function inspectCertificate(certsDir: string, name: string): Promise<CertificateReport> {
	if (name !== 'ca') assertCertificateName(name);
	const dir = await openCertsDir(certsDir, false);
	const path = join(dir, `${name}.crt`);
	const problem = await problemOf(name === 'ca' ? loadAuthorityOf(dir) : loadIdentity(dir, name));
	const pem = await readPemFile(path, false).catch(() => '');
	if (pem === undefined) throw problem ?? new OrchestraError('certificate_missing', `${path} is missing`);
	const certificate = describe(pem);
	const root = certificate === undefined ? undefined : await rootOf(dir, pem, path);
	const parsed = certificate === undefined ? undefined : new X509Certificate(pem);
	const status =
		problem === undefined ? (certificate?.phase ?? 'unusable') : (statusOfCode[problem.code] ?? 'unusable');
	return {
		name,
		path,
		certificate,
		key: await keyState(dir, name, pem),
		isTrusted: root !== undefined,
		root,
		isOurs: parsed !== undefined && isIssuedHere(parsed),
		isGiven: parsed !== undefined && isGiven(parsed),
		shareUsed: parsed && shareUsed(validityOf(parsed)),
		status,
		problem,
	};
}

async function loadAuthorityOf(dir: CertsDirectory): Promise<void> {
	if ((await readPemFile(join(dir, 'ca.key'), false)) !== undefined) {
		await loadAuthority(dir);
		return;
	}
	const { certificates } = await loadTrustedAuthorities(dir);
	const fault = authorityPhaseError(dir, certificates[0]);
	if (fault !== undefined) throw fault;
}

async function problemOf(loading: Promise<unknown>): Promise<OrchestraError | undefined> {
	try {
		await loading;
		return undefined;
	} catch (error) {
		if (error instanceof OrchestraError) return error;
		throw error;
	}
}

function describe(pem: string): CertificateDescription | undefined {
	try {
		return describeCertificate(pem);
	} catch {
		// The problem says what is wrong with it.
		return undefined;
	}
}

async function rootOf(dir: CertsDirectory, pem: string, path: string): Promise<string | undefined> {
	try {
		const authorities = await loadTrustedAuthorities(dir);
		const root = issuingAuthority({ chain: parseCertificates(pem, path), authorities });
		return root && fingerprintOf(root);
	} catch {
		// No authority, no trust; the problem says what is wrong with it.
		return undefined;
	}
}

async function keyState(dir: CertsDirectory, name: string, certificatePem: string): Promise<KeyState> {
	const path = join(dir, `${name}.key`);
	try {
		const pem = await readPemFile(path, true);
		if (pem === undefined) return 'missing';
		const [certificate] = parseCertificates(certificatePem, `${name}.crt`);
		return certificate.checkPrivateKey(parsePrivateKey(pem, path)) ? 'matches' : 'mismatch';
	} catch (error) {
		return error instanceof OrchestraError && error.code === 'key_exposed' ? 'exposed' : 'unusable';
	}
}

/**
 * Looks at every certificate of a directory: the authority first, then by name. Files whose names no certificate of ours can
 * have are not among them.
 *
 * @throws OrchestraError `certs_dir_unusable`
 */
export async function listCertificates(certsDir: string): Promise<CertificateReport[]> {
	const dir = await openCertsDir(certsDir, false);
	const reports: CertificateReport[] = [];
	for (const name of ['ca', ...(await leafNames(dir))]) {
		try {
			reports.push(await inspectCertificate(dir, name));
		} catch (error) {
			// None here, another program's file, or one that went away since.
			if (error instanceof OrchestraError && /^(?:invalid_name|certificate_missing)$/.test(error.code))
				continue;
			throw error;
		}
	}
	return reports;
}
