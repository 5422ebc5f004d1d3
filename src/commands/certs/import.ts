import { Args, Flags } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../../cli/base-command.ts';
import { certificateJson } from '../../cli/format-certificate.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import { inspectCertificate } from '../../runtime/identity/directory/inspect-certificate.ts';
import { importIdentity } from '../../runtime/identity/upkeep/import-identity.ts';

export default class CertsImport extends BaseCommand {
	static override summary = 'Take up what `certs export` wrote on another machine.';
	static override description =
		'Writes the certificate, its key and the authorities. Where other authorities are there already, nothing is written.';
	static override examples = ['<%= config.bin %> certs import laptop.pem'];
	static override args = { file: Args.string({ description: 'The exported file.', required: true }) };
	static override flags = {
		'certs-dir': certsDirFlag,
		force: Flags.boolean({ description: 'Replace the certificate and the authorities that are there.' }),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(CertsImport);
		const dir = resolveCertsDir(flags['certs-dir']);
		const { name } = await importIdentity(dir, args.file, { replace: flags.force });
		const report = await inspectCertificate(dir, name);
		return this.result(certificateJson(report), () => {
			return `Imported ${report.path}, valid until ${report.certificate?.notAfter.slice(0, 10)}.`;
		});
	}
}
