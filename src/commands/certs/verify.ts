import { Args } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../../cli/base-command.ts';
import { certificateJson } from '../../cli/format-certificate.ts';
import { withNearestCertificate } from '../../cli/nearest-certificate.ts';
import { style } from '../../cli/style.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import { inspectCertificate } from '../../runtime/identity/directory/inspect-certificate.ts';

export default class CertsVerify extends BaseCommand {
	static override summary = 'Check that a certificate can be used now: its dates, its key, who issued it.';
	static override description = 'Exits 0 if it can, and 3 with the reason if it cannot.';
	static override examples = [
		'<%= config.bin %> certs verify weather',
		'<%= config.bin %> certs verify ca && echo good',
	];
	static override args = {
		name: Args.string({ description: 'Its name; `ca` is the authority.', required: true }),
	};
	static override flags = { 'certs-dir': certsDirFlag };

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(CertsVerify);
		const dir = resolveCertsDir(flags['certs-dir']);
		const report = await withNearestCertificate(dir, [args.name], () => inspectCertificate(dir, args.name));
		if (report.problem) throw report.problem;
		return this.result(certificateJson(report), () => {
			const until = `until ${report.certificate?.notAfter.slice(0, 10)}`;
			return report.status === 'expires-soon'
				? `${style.yellow('!')} ${report.path} is good, but only ${until}.`
				: `${style.green('✔')} ${report.path} is good ${until}.`;
		});
	}
}
