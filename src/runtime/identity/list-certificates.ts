import { readdir } from 'node:fs/promises';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { type CertificateReport, inspectCertificate } from './inspect-certificate.ts';
import { certsDirError, openCertsDir } from './open-certs-dir.ts';

/**
 * Looks at every certificate of a directory: the authority first, then by name. Files whose names no certificate of ours can
 * have are not among them.
 *
 * @throws OrchestraError `certs_dir_unusable`
 */
export async function listCertificates(certsDir: string): Promise<CertificateReport[]> {
	const dir = await openCertsDir(certsDir, false);
	const files = await readdir(dir).catch((error: unknown) => {
		throw certsDirError(dir, error);
	});
	const names = files.filter((file) => file.endsWith('.crt')).map((file) => file.slice(0, -4));
	names.sort((a, b) => Number(b === 'ca') - Number(a === 'ca') || (a < b ? -1 : 1));
	const reports: CertificateReport[] = [];
	for (const name of names) {
		try {
			reports.push(await inspectCertificate(dir, name));
		} catch (error) {
			// Another program's file, or one that went away since.
			if (error instanceof OrchestraError && /^(?:invalid_name|certificate_missing)$/.test(error.code))
				continue;
			throw error;
		}
	}
	return reports;
}
