import { administrationFlags, withAdministration } from '../cli/administered.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { formatReload } from '../cli/serving-output.ts';

export default class Reload extends BaseCommand {
	static override summary = 'Have a running server read its configuration again.';
	static override description =
		'Only the plugins that are different in the file are touched. A file that cannot be used changes nothing. The server does the ' +
		'same by itself when the file changes, and on SIGHUP.';
	static override examples = ['<%= config.bin %> reload'];
	static override flags = administrationFlags;

	async run(): Promise<unknown> {
		const { flags } = await this.parse(Reload);
		return withAdministration(flags, async ({ client, signal, timeoutMs }) => {
			const result = await client.reload({}, { signal, timeoutMs });
			return this.result(result, () => formatReload(result));
		});
	}
}
