import { Args } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../../cli/base-command.ts';
import { certificateJson, formatCertificate } from '../../cli/format-certificate.ts';
import { withNearestCertificate } from '../../cli/nearest-certificate.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import { inspectCertificate } from '../../runtime/identity/directory/inspect-certificate.ts';

export default class CertsShow extends BaseCommand {
	static override summary = 'Show what a certificate says. Never its private key.';
	static override examples = [
		'<%= config.bin %> certs show weather',
		'<%= config.bin %> certs show ca --json',
	];
	static override args = {
		name: Args.string({ description: 'Its name; `ca` is the authority.', required: true }),
	};
	static override flags = { 'certs-dir': certsDirFlag };

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(CertsShow);
		const dir = resolveCertsDir(flags['certs-dir']);
		const report = await withNearestCertificate(dir, [args.name], () => inspectCertificate(dir, args.name));
		return this.result(certificateJson(report), () => formatCertificate(report));
	}
}
