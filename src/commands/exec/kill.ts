import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { findSession } from '../../cli/exec/exec-place.ts';
import { sessionArgs } from '../../cli/exec/session-args.ts';
import { targetFlags } from '../../cli/target-flags.ts';
import { withTarget } from '../../cli/with-target.ts';

export default class ExecKill extends BaseCommand {
	static override summary = 'End a terminal session, or send its program a signal.';
	static override examples = [
		'<%= config.bin %> exec kill tcp://127.0.0.1:50101 build',
		'<%= config.bin %> exec kill tcp://127.0.0.1:50101 build --signal INT',
	];
	static override args = sessionArgs;
	static override flags = {
		signal: Flags.string({
			description:
				'INT, QUIT, TERM, KILL, HUP, USR1, USR2 or WINCH, to what runs in the foreground. [default: the session is ended]',
			helpValue: 'NAME',
		}),
		...targetFlags,
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(ExecKill);
		return withTarget(args.target, { ...flags, json: this.jsonEnabled() }, async (session) => {
			const { client, info } = await findSession(session, args.session);
			const options = { ...client.options, signal: session.signal, timeoutMs: session.timeoutMs };
			if (flags.signal === undefined) {
				await client.service.close({ session: info.id }, options);
				return this.result({ closed: info.id }, () => `closed ${info.id}`);
			}
			const result = await client.service.signal({ session: info.id, signal: flags.signal }, options);
			return this.result(result, () => (result.delivered ? 'delivered' : 'no program runs there'));
		});
	}
}
