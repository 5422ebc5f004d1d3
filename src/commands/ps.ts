import { administrationFlags, withAdministration } from '../cli/administered.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { formatPlugins } from '../cli/format-plugins.ts';

export default class Ps extends BaseCommand {
	static override summary = 'Show the plugins of a running server: how they stand, since when, and why not.';
	static override examples = ['<%= config.bin %> ps', '<%= config.bin %> ps -a tcp://127.0.0.1:50101 --json'];
	static override flags = administrationFlags;

	async run(): Promise<unknown> {
		const { flags } = await this.parse(Ps);
		return withAdministration(flags, async ({ client, signal, timeoutMs }) => {
			const result = await client.ps({}, { signal, timeoutMs });
			return this.result(result, () => formatPlugins(result.plugins));
		});
	}
}
