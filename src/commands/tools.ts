import { Args, Flags } from '@oclif/core';
import { administrationFlags, withServer } from '../cli/administered.ts';
import { BaseCommand } from '../cli/base-command.ts';
import { style } from '../cli/style.ts';
import { formatTable } from '../cli/table.ts';
import { visibleLine } from '../cli/visible-text.ts';
import { catalogueService } from '../runtime/orchestrator/catalogue.ts';
import { serviceClient } from '../runtime/services/service-client.ts';
import { nearest } from '../toolchain/nearest.ts';

export default class Tools extends BaseCommand {
	static override summary = 'List the tools of a running server, or search them.';
	static override examples = ['<%= config.bin %> tools', '<%= config.bin %> tools weather --json'];
	static override args = {
		query: Args.string({ description: 'Words that the name, plugin or description has to have.' }),
	};
	static override flags = {
		...administrationFlags,
		plugin: Flags.string({ description: 'Only the tools of this plugin.', helpValue: 'ID' }),
		limit: Flags.integer({ description: 'How many at most.', default: 50, min: 1, max: 500 }),
		offset: Flags.integer({ description: 'How many are passed over.', default: 0, min: 0 }),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(Tools);
		return withServer(flags, async ({ connection, signal, timeoutMs }) => {
			const client = serviceClient(catalogueService, connection);
			const { plugin, limit, offset } = flags;
			const query = { limit, offset, ...(plugin ? { plugin } : {}) };
			const options = { signal, timeoutMs };
			const page = args.query
				? await client.search({ ...query, text: args.query }, options)
				: await client.list(query, options);
			const near =
				args.query && page.total === 0 && !this.jsonEnabled()
					? nearest(
							args.query,
							(await client.list({ ...query, offset: 0, limit: 500 }, options)).tools.map(({ name }) => name),
						)
					: undefined;
			return this.result(page, () => {
				if (page.tools.length === 0) {
					return `There is no such tool.${near === undefined ? '' : ` Did you mean ${visibleLine(near)}?`}`;
				}
				const rows = page.tools.map((tool) => [
					style.cyan(visibleLine(tool.name)),
					visibleLine(tool.plugin),
					visibleLine(tool.unavailable || tool.description || ''),
				]);
				const more = page.total - offset - page.tools.length;
				const table = formatTable(['tool', 'plugin', 'description'], rows);
				return more > 0
					? `${table}\n${style.dim(`${more} more: --offset ${offset + page.tools.length}`)}`
					: table;
			});
		});
	}
}
