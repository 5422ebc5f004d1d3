import { Flags } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../../cli/base-command.ts';
import { checkDuration } from '../../cli/duration-flag.ts';
import { parseDuration } from '../../cli/parse-duration.ts';
import { formatRenewals, renewalsJson } from '../../cli/renewal-output.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import {
	defaultOverlapDays,
	finishRotation,
	rotateAuthority,
} from '../../runtime/identity/upkeep/rotate-authority.ts';
import { dayMs } from '../../runtime/identity/x509/validity.ts';

export default class CertsRotate extends BaseCommand {
	static override summary = 'Replace the certificate authority, with an overlap in which both are trusted.';
	static override description =
		'Makes a new authority and issues every certificate in the directory anew. Running programs take it up at once, and no ' +
		'call is lost. The former authority stays trusted until the overlap ends, for peers on other machines and for Go ' +
		'programs, which see a new authority only when they start. --finish ends the overlap now.';
	static override examples = [
		'<%= config.bin %> certs rotate',
		'<%= config.bin %> certs rotate --overlap 7d',
		'<%= config.bin %> certs rotate --finish',
	];
	static override flags = {
		'certs-dir': certsDirFlag,
		overlap: Flags.string({
			description: `How long the former authority stays trusted: 12h, 7d. [default: ${defaultOverlapDays}d]`,
			helpValue: 'DURATION',
			exclusive: ['finish'],
			parse: checkDuration,
		}),
		finish: Flags.boolean({ description: 'End the overlap: trust the former authority no more.' }),
	};

	async run(): Promise<unknown> {
		const { flags } = await this.parse(CertsRotate);
		const dir = resolveCertsDir(flags['certs-dir']);
		const overlapDays = flags.overlap === undefined ? undefined : parseDuration(flags.overlap) / dayMs;
		const { rotation, renewed } = flags.finish
			? await finishRotation(dir)
			: await rotateAuthority(dir, { overlapDays });
		const value = {
			action: flags.finish ? 'finished' : 'started',
			endsAt: rotation?.endsAt ?? null,
			previous: rotation?.previous ?? null,
			certificates: renewalsJson(renewed),
		};
		const result = this.result(value, () => {
			const done = rotation
				? `Made a new authority in ${dir}. The former one is trusted until ${rotation.endsAt.slice(0, 16).replace('T', ' ')} UTC.`
				: `The former authority of ${dir} is trusted no more.`;
			return renewed.length > 0 ? `${done} Issued anew:\n${formatRenewals(renewed)}` : done;
		});
		const failed = renewed.find(({ problem }) => problem && problem.code !== 'certificate_revoked');
		return failed?.problem ? this.failAfter(result, failed.problem) : result;
	}
}
