import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { parseExactJson } from '../../cli/exact-json.ts';
import { readBytesFrom, readTextFrom } from '../../cli/read-text.ts';
import { pathArgument, storageFlags, storageOptions, targetArgument } from '../../cli/storage-flags.ts';
import { withTarget } from '../../cli/with-target.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

export default class StorageWrite extends BaseCommand {
	static override summary = 'Write an entry of a storage, over the version that you expect.';
	static override description =
		'The content is a text, @FILE, or - for standard input; files are written byte for byte. Without --expected-version ' +
		'the entry must not exist yet. Where another version is there, nothing is written, and the exit code is 5: the error ' +
		'(storage_conflict) has both versions in its details.';
	static override examples = [
		'<%= config.bin %> storage write examples/notes inbox.md "first line"',
		'<%= config.bin %> storage write . logo.png @logo.png --type files --expected-version 2',
		'date | <%= config.bin %> storage write . now.txt -',
	];
	static override args = {
		target: targetArgument,
		path: pathArgument,
		content: Args.string({ description: 'A text, @FILE, or - for standard input.', required: true }),
	};
	static override flags = {
		'expected-version': Flags.string({
			description: 'The version to replace; 0 for a new entry. [default: 0]',
			helpValue: 'N',
		}),
		metadata: Flags.string({
			description: 'What goes with the content: a JSON object, or @FILE with one.',
			helpValue: 'JSON',
		}),
		...storageFlags,
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(StorageWrite);
		const expectedVersion = readVersion(flags['expected-version'] ?? '0');
		if (args.content === '-' && flags.metadata === '@-') {
			throw new OrchestraError('usage', 'standard input is asked for twice', {
				hint: 'It can be read once: give the other as a file.',
			});
		}
		const metadata = await readMetadata(flags.metadata);
		const content = await readContent(args.content);
		return withTarget(args.target, { ...flags, json: this.jsonEnabled() }, async (session) => {
			const options = await storageOptions(session, flags.type);
			const version = await session.target.client.storage.write(args.path, content, {
				...options,
				expectedVersion,
				metadata,
			});
			return this.result({ path: args.path, version, size: content.length }, () => {
				this.note(`${args.path} is at version ${version}`);
				return '';
			});
		});
	}
}

function readVersion(text: string): number {
	const version = /^\d+$/.test(text) ? Number(text) : Number.NaN;
	if (Number.isSafeInteger(version)) return version;
	throw new OrchestraError('usage', `--expected-version is a whole number, not ${JSON.stringify(text)}`, {
		hint: 'storage read --json and storage list show the version of an entry.',
	});
}

async function readContent(word: string): Promise<Uint8Array> {
	if (word === '-') return readBytesFrom('-');
	return word.startsWith('@') ? readBytesFrom(word.slice(1)) : Buffer.from(word);
}

async function readMetadata(word: string | undefined): Promise<JsonObject | undefined> {
	if (word === undefined) return undefined;
	const file = word.startsWith('@') ? word.slice(1) : undefined;
	const name = file ?? 'the metadata';
	const value = parseExactJson(file === undefined ? word : await readTextFrom(file, false), name);
	if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
	throw new OrchestraError('usage', `${name} is not a JSON object`, {
		hint: 'Write --metadata \'{"author":"Ada"}\' or --metadata @file.json.',
	});
}
