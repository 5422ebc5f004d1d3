import { BaseCommand, certsDirFlag } from '../../cli/base-command.ts';
import { certificateJson, formatCertificates } from '../../cli/format-certificate.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import { listCertificates } from '../../runtime/identity/directory/inspect-certificate.ts';

export default class CertsList extends BaseCommand {
	static override summary = 'List the certificates and say which of them can be used.';
	static override examples = ['<%= config.bin %> certs list', '<%= config.bin %> certs list --json'];
	static override flags = { 'certs-dir': certsDirFlag };

	async run(): Promise<unknown> {
		const { flags } = await this.parse(CertsList);
		const dir = resolveCertsDir(flags['certs-dir']);
		const reports = await listCertificates(dir);
		if (reports.length === 0) this.note(`There are no certificates in ${dir}.`);
		return this.result({ certsDir: dir, certificates: reports.map(certificateJson) }, () =>
			reports.length > 0 ? formatCertificates(reports) : '',
		);
	}
}
