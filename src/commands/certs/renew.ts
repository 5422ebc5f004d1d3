import { Args, Flags } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../../cli/base-command.ts';
import { namingNearest } from '../../cli/nearest-certificate.ts';
import { formatRenewals, renewalsJson } from '../../cli/renewal-output.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import { renewIdentities } from '../../runtime/identity/upkeep/renew-identities.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

export default class CertsRenew extends BaseCommand {
	static override summary = 'Issue certificates anew, whatever is left of them.';
	static override description =
		'Whoever uses them here does this by itself, in time; running programs take up what this command writes. It also ' +
		'renews what another program (the Go SDK) issued, which nothing else does. The authority itself: certs rotate.';
	static override examples = [
		'<%= config.bin %> certs renew weather',
		'<%= config.bin %> certs renew --all',
		'<%= config.bin %> certs renew weather --days 90 --new-key',
	];
	static override strict = false;
	static override args = { names: Args.string({ description: 'Which ones.' }) };
	static override flags = {
		'certs-dir': certsDirFlag,
		all: Flags.boolean({ description: 'All certificates in the directory but the authority.' }),
		days: Flags.integer({
			description: 'How long they are valid. [default: as long as before]',
			min: 1,
			max: 36_500,
			helpValue: 'DAYS',
		}),
		'new-key': Flags.boolean({ description: 'Give them new private keys, too.' }),
	};

	async run(): Promise<unknown> {
		const { flags, argv } = await this.parse(CertsRenew);
		const names = argv as string[];
		const areNamed = names.length > 0;
		if (areNamed === Boolean(flags.all)) {
			throw new OrchestraError(
				'usage',
				flags.all ? '--all takes no names' : 'nothing is named to be renewed',
				{
					hint: 'Name certificates, or add --all.',
				},
			);
		}
		const dir = resolveCertsDir(flags['certs-dir']);
		const renewed = await renewIdentities(dir, flags.all ? undefined : names, {
			days: flags.days,
			newKey: flags['new-key'],
		});
		const result = this.result({ certificates: renewalsJson(renewed) }, () => formatRenewals(renewed));
		if (renewed.length === 0) this.note('There is nothing to renew.');
		const failed = renewed.find(({ problem }) => problem !== undefined);
		if (!failed?.problem) return result;
		return this.failAfter(result, namingNearest(dir, names, failed.problem));
	}
}
