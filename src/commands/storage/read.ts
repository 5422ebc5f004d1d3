import { BaseCommand } from '../../cli/base-command.ts';
import { writeStdout } from '../../cli/stdout.ts';
import { pathArgument, storageFlags, storageOptions, targetArgument } from '../../cli/storage-flags.ts';
import { storedText } from '../../cli/stored-text.ts';
import { visible } from '../../cli/visible-text.ts';
import { withTarget } from '../../cli/with-target.ts';

export default class StorageRead extends BaseCommand {
	static override summary = 'Print an entry of a storage, byte for byte.';
	static override description =
		'With --json: path, version, metadata and the content, as text where it is UTF-8 and as base64 where it is not. ' +
		'A terminal shows text only.';
	static override examples = [
		'<%= config.bin %> storage read examples/notes inbox.md',
		'<%= config.bin %> storage read quic://127.0.0.1:50100 logo.png --type files > logo.png',
	];
	static override args = { target: targetArgument, path: pathArgument };
	static override flags = storageFlags;

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(StorageRead);
		return withTarget(args.target, { ...flags, json: this.jsonEnabled() }, async (session) => {
			const options = await storageOptions(session, flags.type);
			const { content, metadata, version } = await session.target.client.storage.read(args.path, options);
			const text = storedText(content);
			if (!this.jsonEnabled()) {
				if (!process.stdout.isTTY) await writeStdout(content);
				else if (text !== undefined) await writeStdout(visible(text));
				else this.note(`(${content.length} bytes that are no text: redirect standard output to keep them)`);
			}
			const shown = text === undefined ? { base64: Buffer.from(content).toString('base64') } : { text };
			return { path: args.path, version, metadata, ...shown };
		});
	}
}
