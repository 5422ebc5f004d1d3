import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { findSession } from '../../cli/exec/exec-place.ts';
import { sessionArgs } from '../../cli/exec/session-args.ts';
import { exitCodeOfEnd, watchOnPipes, watchOnTerminal } from '../../cli/exec/watch-session.ts';
import { targetFlags } from '../../cli/target-flags.ts';
import { withTarget } from '../../cli/with-target.ts';

export default class ExecAttach extends BaseCommand {
	static override summary = 'Come back to a terminal session: what it put out meanwhile is shown first.';
	static override examples = ['<%= config.bin %> exec attach tcp://127.0.0.1:50101 build --read-only'];
	static override args = sessionArgs;
	static override flags = {
		'read-only': Flags.boolean({ description: 'Only watch: nothing can be typed, and its size stays.' }),
		...targetFlags,
	};

	async run(): Promise<void> {
		const { args, flags } = await this.parse(ExecAttach);
		const json = this.jsonEnabled();
		const readOnly = flags['read-only'];
		const code = await withTarget(args.target, { ...flags, json }, async (session) => {
			const { client, info } = await findSession(session, args.session);
			const attachment = await client.attach(info.id, { readOnly });
			const terminal = info.tty && process.stdin.isTTY === true && process.stdout.isTTY === true && !json;
			const watch = terminal ? watchOnTerminal : watchOnPipes;
			const ended = await watch(attachment, { signal: session.signal, readOnly });
			if (ended.kind === 'detached') this.note(`left session ${info.id}; ${ended.reason || 'it goes on'}`);
			await client.close();
			return exitCodeOfEnd(ended, info.id);
		});
		if (code !== 0) this.exit(code);
	}
}
