import { join } from 'node:path';
import { Flags } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../../cli/base-command.ts';
import { certificateJson } from '../../cli/format-certificate.ts';
import { ensureAuthority } from '../../runtime/identity/directory/authority.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import { inspectCertificate } from '../../runtime/identity/directory/inspect-certificate.ts';
import { isThere } from '../../runtime/identity/directory/pem-file.ts';
import { renewAuthority } from '../../runtime/identity/upkeep/rotate-authority.ts';

export default class CertsInit extends BaseCommand {
	static override summary = 'Make the certificate authority that all certificates are issued by.';
	static override description =
		'Does nothing where there is one. Every command that needs certificates does this by itself when it has to.';
	static override examples = [
		'<%= config.bin %> certs init',
		'<%= config.bin %> certs init --certs-dir ./certs',
		'<%= config.bin %> certs init --renew',
	];
	static override flags = {
		'certs-dir': certsDirFlag,
		renew: Flags.boolean({
			description:
				'Give the authority a new certificate for its key, for another year. What it issued stays good.',
		}),
	};

	async run(): Promise<unknown> {
		const { flags } = await this.parse(CertsInit);
		const dir = resolveCertsDir(flags['certs-dir']);
		const existed = await isThere(join(dir, 'ca.crt'));
		if (flags.renew) await renewAuthority(dir);
		else await ensureAuthority(dir);
		const report = await inspectCertificate(dir, 'ca');
		const action = flags.renew ? 'renewed' : existed ? 'kept' : 'created';
		return this.result({ action, ...certificateJson(report) }, () => {
			const until = `It is valid until ${report.certificate?.notAfter.slice(0, 10)}.`;
			if (action === 'kept') return `The certificate authority in ${dir} is there already. ${until}`;
			return `${action === 'renewed' ? 'Renewed' : 'Made'} the certificate authority in ${dir}. ${until}`;
		});
	}
}
