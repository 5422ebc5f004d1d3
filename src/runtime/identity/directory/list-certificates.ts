import { OrchestraError } from '../../wire/orchestra-error.ts';
import { type CertificateReport, inspectCertificate } from './inspect-certificate.ts';
import { leafNames } from './leaf-names.ts';
import { openCertsDir } from './open-certs-dir.ts';

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
