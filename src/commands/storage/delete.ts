import { BaseCommand } from '../../cli/base-command.ts';
import { pathArgument, storageFlags, storageOptions, targetArgument } from '../../cli/storage-flags.ts';
import { withTarget } from '../../cli/with-target.ts';

export default class StorageDelete extends BaseCommand {
	static override summary = 'Delete an entry of a storage, whatever its version.';
	static override examples = ['<%= config.bin %> storage delete examples/notes inbox.md'];
	static override args = { target: targetArgument, path: pathArgument };
	static override flags = storageFlags;

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(StorageDelete);
		return withTarget(args.target, { ...flags, json: this.jsonEnabled() }, async (session) => {
			const options = await storageOptions(session, flags.type);
			await session.target.client.storage.delete(args.path, options);
			this.note(`${args.path} is deleted`);
			return { path: args.path, deleted: true };
		});
	}
}
