import { join } from 'node:path';
import { shellWord } from '../../platform/shell-word.ts';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Revocation } from '../revocations.ts';
import { openCertsDir } from './certs-directory.ts';
import {
	type CertificateReport,
	type CertificateStatus,
	inspectCertificate,
	listCertificates,
} from './inspect-certificate.ts';
import { isThere } from './pem-file.ts';
import { loadTrustedAuthorities, type Rotation, readRevocations } from './trust.ts';

/** State of a directory. */
export interface CertsStatus {
	readonly dir: string;
	readonly certificates: readonly CertificateReport[];
	readonly revocations: readonly Revocation[];
	/** The rotation that is under way. */
	readonly rotation: Rotation | undefined;
	/** Whether certificates can be issued here: the key of the authority is there. */
	readonly canIssue: boolean;
	/** The most serious thing that somebody should do something about; undefined where all is well. */
	readonly concern: OrchestraError | undefined;
}

/** Options of a look at the directory. */
export interface StatusOptions {
	/** Default: everything. */
	readonly names?: readonly string[] | undefined;
	/** Milliseconds that have to be left of a certificate. Default: a third of its life. */
	readonly expiresInMs?: number | undefined;
}

/** All of them, the most serious one first. */
const severity: readonly CertificateStatus[] = [
	'unusable',
	'untrusted',
	'expired',
	'not-yet-valid',
	'revoked',
	'expires-soon',
];

/**
 * Looks at the certificates of a directory and tells what needs attention.
 *
 * @throws OrchestraError `invalid_name`, `certificate_missing` for a name that has none, `certs_dir_unusable`
 */
export async function certsStatus(certsDir: string, options: StatusOptions = {}): Promise<CertsStatus> {
	const dir = await openCertsDir(certsDir, false);
	const found = options.names
		? await Promise.all(options.names.map((name) => inspectCertificate(dir, name)))
		: await listCertificates(dir);
	const certificates = found.map((report) => judged(report, options.expiresInMs));
	const revocations = (await readRevocations(dir))?.entries ?? [];
	const rotation = await loadTrustedAuthorities(dir).then(
		(trusted) => trusted.rotation,
		() => undefined,
	);
	const canIssue = await isThere(join(dir, 'ca.key'));
	return { dir, certificates, revocations, rotation, canIssue, concern: concernOf(dir, certificates) };
}

/** The report with the limit that was asked for in place of a third of a life. */
function judged(report: CertificateReport, expiresInMs: number | undefined): CertificateReport {
	if (expiresInMs === undefined || (report.status !== 'valid' && report.status !== 'expires-soon'))
		return report;
	const left = Date.parse(report.certificate?.notAfter ?? '') - Date.now();
	return { ...report, status: left < expiresInMs ? 'expires-soon' : 'valid' };
}

function concernOf(dir: string, reports: readonly CertificateReport[]): OrchestraError | undefined {
	for (const status of severity) {
		const [first] = reports.filter((report) => report.status === status);
		if (first === undefined) continue;
		return first.problem ?? expiresSoon(dir, first);
	}
	return undefined;
}

function expiresSoon(dir: string, { name, path, certificate }: CertificateReport): OrchestraError {
	const until = certificate?.notAfter ?? '';
	const command = name === 'ca' ? 'rotate' : `renew ${name}`;
	return new OrchestraError('certificate_expires_soon', `${path} is due to be renewed: it ends at ${until}`, {
		hint: `Run: orchestra certs ${command} --certs-dir ${shellWord(dir)}.`,
		details: { path, name, notAfter: until },
	});
}
