import { Args } from '@oclif/core';
import { administrationFlags, withAdministration } from '../cli/administered.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { formatPlugins } from '../cli/format-plugins.ts';

export default class Stop extends BaseCommand {
	static override summary = 'Stop a plugin of a running server. It stays stopped until it is started.';
	static override examples = ['<%= config.bin %> stop weather'];
	static override args = {
		plugin: Args.string({ description: 'The id of the plugin; `orchestra ps` shows them.', required: true }),
	};
	static override flags = administrationFlags;

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(Stop);
		return withAdministration(flags, async ({ client, signal, timeoutMs }) => {
			const { plugin } = await client.stop({ plugin: args.plugin }, { signal, timeoutMs });
			return this.result(plugin, () => formatPlugins([plugin]));
		});
	}
}
