import { createInterface } from 'node:readline';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { runSessionLine, sessionHelp } from '../cli/session-line.ts';
import { targetFlags } from '../cli/target-flags.ts';
import { visible } from '../cli/visible-text.ts';
import { withTarget } from '../cli/with-target.ts';
import { serviceClient } from '../runtime/services/service-client.ts';
import { sessionsService } from '../runtime/services/sessions-service.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

export default class Session extends BaseCommand {
	static override summary = 'Open a session, and call, fire and ask in it line by line.';
	static override description =
		`At a terminal it asks for lines; else it reads them from standard input, and ends at the first that fails.\n\n${sessionHelp}`;
	static override examples = [
		'<%= config.bin %> session examples/greeter',
		`printf 'fire before_turn {"prompt":"hi"}\\n' | <%= config.bin %> session examples/greeter --json`,
	];
	static override args = {
		target: Args.string({ description: 'Where to open it: a path or an address.', required: true }),
	};
	static override flags = {
		id: Flags.string({ description: 'The id of the session. [default: one is made]', helpValue: 'ID' }),
		cwd: Flags.string({ description: 'The folder that it works in. [default: this one]', helpValue: 'DIR' }),
		...targetFlags,
	};

	async run(): Promise<void> {
		const { args, flags } = await this.parse(Session);
		const json = this.jsonEnabled();
		await withTarget(args.target, { ...flags, json }, async ({ target, signal, timeoutMs, traceParent }) => {
			const { client } = target;
			const sessions = serviceClient(sessionsService, client.connection, { traceParent });
			const options = { signal, timeoutMs };
			const open = { workingDirectory: flags.cwd ?? process.cwd(), ...(flags.id ? { id: flags.id } : {}) };
			const { id, warnings } = await sessions.open(open, options);
			for (const warning of warnings) this.note(warning);
			const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true && !json;
			const lines = createInterface({
				input: process.stdin,
				...(terminal ? { output: process.stdout } : {}),
				terminal,
				prompt: `${id}> `,
			});
			const stop = () => lines.close();
			signal.addEventListener('abort', stop, { once: true });
			if (terminal) {
				process.stdout.write(`${sessionHelp}\n`);
				process.stdout.write(visible(`session ${id}\n`));
				lines.prompt();
			}
			try {
				for await (const line of lines) {
					try {
						const answer = await runSessionLine(line, { client, sessions, session: id, options });
						if (answer === 'close') break;
						if (answer !== undefined) {
							if (json) this.line(answer);
							else process.stdout.write(`${visible(JSON.stringify(answer, null, 2))}\n`);
						}
					} catch (error) {
						if (!terminal || signal.aborted) throw error;
						const { code, message } = OrchestraError.from(error, 'internal');
						process.stderr.write(`${visible(`${code}: ${message}`)}\n`);
					}
					if (terminal) lines.prompt();
				}
			} finally {
				signal.removeEventListener('abort', stop);
				lines.close();
				await sessions.close({ session: id }, { timeoutMs: 10_000 }).catch((error: unknown) => {
					this.note(`the session was not closed: ${OrchestraError.from(error, 'internal').message}`);
				});
			}
		});
	}
}
