import { Args, Flags } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../../cli/base-command.ts';
import { certificateJson } from '../../cli/format-certificate.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import { inspectCertificate } from '../../runtime/identity/directory/inspect-certificate.ts';
import { createIdentity } from '../../runtime/identity/upkeep/create-identity.ts';

export default class CertsIssue extends BaseCommand {
	static override summary = 'Issue a certificate with a private key of its own.';
	static override examples = [
		'<%= config.bin %> certs issue weather',
		'<%= config.bin %> certs issue orchestrator --days 90',
		'<%= config.bin %> certs issue weather --force',
	];
	static override args = {
		name: Args.string({ description: "Whom it is for: a plugin's id, or another name.", required: true }),
	};
	static override flags = {
		'certs-dir': certsDirFlag,
		days: Flags.integer({
			description: 'How long it is valid. It ends with the authority at the latest. [default: 30]',
			min: 1,
			max: 36_500,
			helpValue: 'DAYS',
		}),
		force: Flags.boolean({ description: 'Replace the certificate and the private key that are there.' }),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(CertsIssue);
		const dir = resolveCertsDir(flags['certs-dir']);
		await createIdentity(dir, args.name, { days: flags.days, replace: flags.force });
		const report = await inspectCertificate(dir, args.name);
		return this.result(certificateJson(report), () => {
			const until = report.certificate?.notAfter.slice(0, 10);
			return `Issued ${report.path} and its key, valid until ${until}.`;
		});
	}
}
