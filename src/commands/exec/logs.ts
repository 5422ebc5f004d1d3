import { BaseCommand } from '../../cli/base-command.ts';
import { findSession } from '../../cli/exec/exec-place.ts';
import { sessionArgs } from '../../cli/exec/session-args.ts';
import { writeStdout } from '../../cli/stdout.ts';
import { targetFlags } from '../../cli/target-flags.ts';
import { withTarget } from '../../cli/with-target.ts';

export default class ExecLogs extends BaseCommand {
	static override summary =
		'Print what a terminal session has put out: its last 1,000,000 bytes, as they are.';
	static override description = 'With --json as base64. Output of a terminal has control sequences in it.';
	static override examples = ['<%= config.bin %> exec logs tcp://127.0.0.1:50101 build'];
	static override args = sessionArgs;
	static override flags = targetFlags;

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(ExecLogs);
		return withTarget(args.target, { ...flags, json: this.jsonEnabled() }, async (session) => {
			const { client, info } = await findSession(session, args.session);
			const { signal, timeoutMs } = session;
			const logs = await client.service.logs({ session: info.id }, { ...client.options, signal, timeoutMs });
			if (this.jsonEnabled()) return logs;
			if (logs.missed > 0) this.note(`${logs.missed} bytes before are not kept any more`);
			await writeStdout(Buffer.from(logs.stdout, 'base64'));
			process.stderr.write(Buffer.from(logs.stderr, 'base64'));
			return undefined;
		});
	}
}
