import { Args } from '@oclif/core';
import { administrationFlags, withServer } from '../cli/administered.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { assertTerminal } from '../cli/terminal-check.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

export default class Top extends BaseCommand {
	static override summary = 'Watch a running server: plugins, calls, events, subscriptions and logs.';
	static override description =
		'Takes the whole terminal. The keys of what is focused stand at the bottom; ? shows all of them. When the server goes away it is ' +
		'looked for until it is back. q quits.';
	static override examples = ['<%= config.bin %> top', '<%= config.bin %> top tcp://127.0.0.1:50101'];
	static override enableJsonFlag = false;
	static override args = {
		address: Args.string({ description: 'Address of the server, as with --address.' }),
	};
	static override flags = administrationFlags;

	async run(): Promise<void> {
		const { args, flags } = await this.parse(Top);
		if (args.address !== undefined && flags.address !== undefined) {
			throw new OrchestraError('usage', 'the address is given twice', {
				hint: 'Give it as a word, or with --address.',
			});
		}
		assertTerminal('top', 'orchestra ps and orchestra logs print what a program can read.');
		const end = await withServer({ ...flags, address: args.address ?? flags.address }, async (server) => {
			const { runTui, ServerFeed } = await import('../tui/index.ts');
			const { connection, reconnect, signal } = server;
			const feed = new ServerFeed({
				title: connection.peer.address,
				connection,
				reconnect,
				events: { topics: ['**'] },
			});
			return runTui({ feed, signal });
		});
		if (end !== 'quit') this.exit(exitCodes.interrupted);
	}
}
