import { BaseCommand } from '../../cli/base-command.ts';
import { findSession } from '../../cli/exec/exec-place.ts';
import { sessionArgs } from '../../cli/exec/session-args.ts';
import { targetFlags } from '../../cli/target-flags.ts';
import { withTarget } from '../../cli/with-target.ts';

export default class ExecDetach extends BaseCommand {
	static override summary = 'Detach whoever watches a terminal session. It goes on.';
	static override examples = ['<%= config.bin %> exec detach tcp://127.0.0.1:50101 build'];
	static override args = sessionArgs;
	static override flags = targetFlags;

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(ExecDetach);
		return withTarget(args.target, { ...flags, json: this.jsonEnabled() }, async (session) => {
			const { client, info } = await findSession(session, args.session);
			const { signal, timeoutMs } = session;
			const result = await client.service.detach(
				{ session: info.id },
				{ ...client.options, signal, timeoutMs },
			);
			return this.result(result, () => `detached ${result.detached}`);
		});
	}
}
