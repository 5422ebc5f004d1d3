import { Args, Flags } from '@oclif/core';
import { BaseCommand, certsDirFlag } from '../../cli/base-command.ts';
import { assertMeant } from '../../cli/nearest-certificate.ts';
import { formatRenewals, renewalsJson } from '../../cli/renewal-output.ts';
import { resolveCertsDir } from '../../runtime/identity/directory/certs-directory.ts';
import { maxReasonLength } from '../../runtime/identity/directory/trust.ts';
import { type RevocationTarget, revoke, undoRevocation } from '../../runtime/identity/upkeep/revoke.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

export default class CertsRevoke extends BaseCommand {
	static override summary = 'Shut a plugin, or one certificate, out: at once, on running servers too.';
	static override description =
		'Programs that use the directory close the connections of that peer and refuse new ones. A revoked name gets no ' +
		'certificate until --undo. Other machines and Go programs do not see the list: rotate the authority to shut somebody ' +
		'out there.';
	static override examples = [
		'<%= config.bin %> certs revoke weather --reason "laptop stolen"',
		'<%= config.bin %> certs revoke --fingerprint 3f9a…',
		'<%= config.bin %> certs revoke weather --undo',
	];
	static override args = {
		name: Args.string({ description: "Whose certificates: a plugin's id, or another name." }),
	};
	static override flags = {
		'certs-dir': certsDirFlag,
		fingerprint: Flags.string({
			description: 'Revoke the certificate with this SHA-256, and the others for its key, instead.',
			helpValue: 'HEX',
		}),
		reason: Flags.string({ description: 'Why; the peer is told.', helpValue: 'TEXT', exclusive: ['undo'] }),
		force: Flags.boolean({
			description: 'Revoke a name of which there is no certificate here, though another name is close to it.',
		}),
		undo: Flags.boolean({
			description:
				'Allow it again. A name gets new certificates with new keys; those from before stay revoked.',
		}),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(CertsRevoke);
		const target = targetOf(args.name, flags.fingerprint);
		const what = target.name ?? `certificate ${target.fingerprint}`;
		const dir = resolveCertsDir(flags['certs-dir']);
		if ((flags.reason?.length ?? 0) > maxReasonLength) {
			throw new OrchestraError('usage', `a reason has at most ${maxReasonLength} characters`);
		}
		if (!flags.undo) {
			if (target.name !== undefined && !flags.force) assertMeant(dir, target.name);
			const revocation = await revoke(dir, target, flags.reason);
			return this.result({ action: 'revoked', ...revocation }, () => {
				if (target.name !== undefined) return `Revoked ${what}, in force now.`;
				return revocation.key === undefined
					? `Revoked ${what}, in force now. It is not in ${dir}, so its key is not known: another certificate for that key stays valid. To shut its owner out, revoke the name.`
					: `Revoked ${what} and every other one for its key, in force now.`;
			});
		}
		const { remaining, renewed } = await undoRevocation(dir, target);
		const value = { action: 'undone', remaining: remaining ?? null, certificates: renewalsJson(renewed) };
		return this.result(value, () => {
			const done = `${what} may have certificates again${remaining ? '; those from before stay revoked' : ''}.`;
			return renewed.length > 0 ? `${done} Issued anew:\n${formatRenewals(renewed)}` : done;
		});
	}
}

function targetOf(name: string | undefined, fingerprint: string | undefined): RevocationTarget {
	if (name !== undefined && fingerprint === undefined) return { name };
	if (name === undefined && fingerprint !== undefined) return { fingerprint };
	throw new OrchestraError('usage', 'revoke takes either a name or a --fingerprint', {
		hint: 'For example: orchestra certs revoke weather.',
	});
}
