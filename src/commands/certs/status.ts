import { Args, Flags } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../../cli/base-command.ts';
import { checkDuration } from '../../cli/duration-flag.ts';
import { certsStatusJson, formatCertsStatus } from '../../cli/format-certs-status.ts';
import { withNearestCertificate } from '../../cli/nearest-certificate.ts';
import { parseDuration } from '../../cli/parse-duration.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import { certsStatus } from '../../runtime/identity/directory/certs-status.ts';

export default class CertsStatus extends BaseCommand {
	static override summary = 'Show how the certificates stand: what is valid, due, expired, revoked.';
	static override description =
		'Exits 0 if all of them can be used and none is due to be renewed, and 3 otherwise. The code of the error says why: ' +
		'certificate_expires_soon, certificate_expired, certificate_revoked, certificate_untrusted, key_exposed, …';
	static override examples = [
		'<%= config.bin %> certs status',
		'<%= config.bin %> certs status weather --expires-in 10d || <%= config.bin %> certs renew weather',
		'<%= config.bin %> certs status --json',
	];
	static override strict = false;
	static override args = {
		names: Args.string({ description: 'Which ones; `ca` is the authority. [default: all]' }),
	};
	static override flags = {
		'certs-dir': certsDirFlag,
		'expires-in': Flags.string({
			description: 'What ends within this time is due: 12h, 10d. [default: the last third of its life]',
			helpValue: 'DURATION',
			parse: checkDuration,
		}),
	};

	async run(): Promise<unknown> {
		const { flags, argv } = await this.parse(CertsStatus);
		const limit = flags['expires-in'];
		const names = argv as string[];
		const dir = resolveCertsDir(flags['certs-dir']);
		const status = await withNearestCertificate(dir, names, () =>
			certsStatus(dir, {
				names: names.length > 0 ? names : undefined,
				expiresInMs: limit === undefined ? undefined : parseDuration(limit),
			}),
		);
		const result = this.result(certsStatusJson(status), () => formatCertsStatus(status));
		if (status.certificates.length === 0) this.note(`There are no certificates in ${status.dir}.`);
		return status.concern ? this.failAfter(result, status.concern) : result;
	}
}
