import { Args, Flags } from '@oclif/core';
import { administrationFlags, withAdministration } from '../cli/administered.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { writeStdout } from '../cli/stdout.ts';
import { style } from '../cli/style.ts';
import { visible } from '../cli/visible-text.ts';
import { loggedText } from '../tui/text/logged-text.ts';

export default class Logs extends BaseCommand {
	static override summary = 'Show what a plugin of a running server logged and printed.';
	static override description = 'The server keeps the last 1,000 lines of each plugin, over all its starts.';
	static override examples = ['<%= config.bin %> logs weather', '<%= config.bin %> logs weather -f --json'];
	static override args = {
		plugin: Args.string({ description: 'The id of the plugin; `orchestra ps` shows them.', required: true }),
	};
	static override flags = {
		...administrationFlags,
		follow: Flags.boolean({ char: 'f', description: 'Go on with each further line, until Ctrl-C.' }),
		lines: Flags.integer({
			char: 'n',
			description: 'How many of the last lines.',
			default: 100,
			min: 0,
			max: 1000,
		}),
	};

	async run(): Promise<void> {
		const { args, flags } = await this.parse(Logs);
		const json = this.jsonEnabled();
		await withAdministration(flags, async ({ client, signal, timeoutMs }) => {
			const { follow, lines } = flags;
			const stream = client.logs({ plugin: args.plugin, lines, follow }, { signal, timeoutMs });
			for await (const line of stream) {
				const { time, level, text } = line;
				const clock = new Date(time).toISOString();
				const shown = json
					? JSON.stringify({ ...line, time: clock })
					: `${style.dim(clock.slice(11, 23))} ${level === 'output' ? '' : `${level} `}${visible(loggedText(text))}`;
				if (!(await writeStdout(`${shown}\n`))) break;
			}
		});
	}
}
