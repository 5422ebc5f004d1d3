import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { storageFlags, storageOptions, targetArgument } from '../../cli/storage-flags.ts';
import { formatTable } from '../../cli/table.ts';
import { visibleLine } from '../../cli/visible-text.ts';
import { withTarget } from '../../cli/with-target.ts';

export default class StorageList extends BaseCommand {
	static override summary = 'List the entries of a storage.';
	static override examples = [
		'<%= config.bin %> storage list examples/notes',
		"<%= config.bin %> storage list . --prefix 2024/ --pattern '*.md' --json",
	];
	static override args = { target: targetArgument };
	static override flags = {
		prefix: Flags.string({ description: 'What the paths begin with.', helpValue: 'TEXT' }),
		pattern: Flags.string({
			description: 'A glob for the last segment of the paths, such as *.md.',
			helpValue: 'GLOB',
		}),
		...storageFlags,
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(StorageList);
		return withTarget(args.target, { ...flags, json: this.jsonEnabled() }, async (session) => {
			const { prefix, pattern } = flags;
			const options = await storageOptions(session, flags.type);
			const entries = await session.target.client.storage.list({ ...options, prefix, pattern });
			return this.result({ entries }, () => {
				if (entries.length === 0) {
					this.note('there are no entries that fit');
					return '';
				}
				const rows = entries.map(({ path, size, version, modifiedAt }) => [
					visibleLine(path),
					`${size}`,
					`${version}`,
					modifiedAt?.toISOString() ?? '',
				]);
				return formatTable(['path', 'bytes', 'version', 'modified'], rows);
			});
		});
	}
}
