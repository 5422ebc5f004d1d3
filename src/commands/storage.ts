import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { formatEntries } from '../cli/format-entries.ts';
import { readBytesFrom } from '../cli/read-text.ts';
import { writeStdout } from '../cli/stdout.ts';
import { targetFlags } from '../cli/target-flags.ts';
import { visible } from '../cli/visible-text.ts';
import { type TargetSession, withTarget } from '../cli/with-target.ts';
import { PeerError } from '../runtime/client/peer-error.ts';
import type { StorageClient } from '../runtime/client/storage-client.ts';
import { settlesWithin } from '../runtime/platform/settles-within.ts';
import { isObject, type JsonObject } from '../runtime/wire/json-value.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';

/** Milliseconds that a core peer gets to register. */
const registrationMs = 2_000;

const actions = ['read', 'write', 'list', 'delete'];

export default class Storage extends BaseCommand {
	static override summary = 'Read, write, list or delete what a plugin stores.';
	static override description =
		'read prints the content as it is. write takes the content from the command line, from @FILE byte for byte, or from standard input with -. It ' +
		'makes a new entry, or with --expected-version writes over that version; with --force over whatever is there.';
	static override examples = [
		'<%= config.bin %> storage examples/notes list --type notes',
		'<%= config.bin %> storage quic://127.0.0.1:50100 write todo.md @todo.md --type notes',
		'<%= config.bin %> storage quic://127.0.0.1:50100 read todo.md --type notes',
		'<%= config.bin %> storage quic://127.0.0.1:50100 delete todo.md --type notes',
	];
	static override usage = 'storage TARGET read|write|list|delete [PATH] [CONTENT] [FLAGS]';
	static override args = {
		target: Args.string({ description: 'Where it is stored: a path or an address.', required: true }),
		action: Args.string({ description: `What to do: ${actions.join(', ')}.`, required: true }),
		path: Args.string({ description: 'The entry; for list, what paths begin with.' }),
		content: Args.string({ description: 'For write: the content, @FILE or -.' }),
	};
	static override flags = {
		type: Flags.string({
			description: 'The storage type. [default: the one that the target has]',
			helpValue: 'TYPE',
		}),
		pattern: Flags.string({ description: 'For list: a glob for the last part of paths.', helpValue: 'GLOB' }),
		'expected-version': Flags.integer({
			description: 'For write: the version that is written over. [default: 0, a new entry]',
			min: 0,
			exclusive: ['force'],
		}),
		force: Flags.boolean({ description: 'For write: over whatever version is there.' }),
		metadata: Flags.string({
			description: 'For write: a JSON object beside the content.',
			helpValue: 'JSON',
		}),
		...targetFlags,
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(Storage);
		if (!actions.includes(args.action)) {
			if (actions.includes(args.target)) {
				const words = ['orchestra storage', args.action, args.target, args.path].filter(Boolean);
				throw new OrchestraError('usage', `storage wants its target before ${args.target}`, {
					hint: `Write ${words.join(' ')}.`,
				});
			}
			const near = nearest(args.action, actions);
			throw new OrchestraError('usage', `storage does not know ${args.action}`, {
				hint: near ? `Did you mean ${near}?` : `It knows ${actions.join(', ')}.`,
			});
		}
		if (args.path === undefined && args.action !== 'list') {
			throw new OrchestraError('usage', `storage ${args.action} needs the path of an entry`, {
				hint: `For example: orchestra storage ${args.target} ${args.action} notes/todo.md.`,
			});
		}
		const path = args.path ?? '';
		const content = args.action === 'write' ? await readContent(args.content) : undefined;
		const metadata = readMetadata(flags.metadata);
		return withTarget(args.target, { ...flags, json: this.jsonEnabled() }, async (session) => {
			const { storage } = session.target.client;
			const { signal, timeoutMs } = session;
			const options = { signal, timeoutMs, storageType: flags.type ?? (await onlyType(session)) };
			switch (args.action) {
				case 'read':
					return this.read(storage, path, options);
				case 'write': {
					const expectedVersion = flags.force
						? await versionOf(storage, path, options)
						: (flags['expected-version'] ?? 0);
					const write = { ...options, expectedVersion, ...(metadata ? { metadata } : {}) };
					const version = await storage.write(path, content ?? new Uint8Array(), write);
					return this.result({ path, version }, () => `Wrote ${path}, version ${version}.`);
				}
				case 'delete':
					await storage.delete(path, options);
					return this.result({ path, deleted: true }, () => `Deleted ${path}.`);
				default: {
					const pattern = flags.pattern ?? '';
					const entries = await storage.list({ ...options, prefix: path, pattern });
					return this.result({ entries }, () => formatEntries(entries));
				}
			}
		});
	}

	private async read(storage: StorageClient, path: string, options: object): Promise<unknown> {
		const { content, metadata, version } = await storage.read(path, options);
		if (!this.jsonEnabled()) {
			const text = storedText(content);
			if (!process.stdout.isTTY) await writeStdout(content);
			else if (text !== undefined) await writeStdout(visible(text));
			else this.note(`(${content.length} bytes that are no text: redirect standard output to keep them)`);
			return undefined;
		}
		return { path, version, metadata, ...describe(content) };
	}
}

/** Content as JSON: as text where it is UTF-8, else in base 64. */
function describe(content: Uint8Array): JsonObject {
	const text = storedText(content);
	return text === undefined ? { base64: Buffer.from(content).toString('base64') } : { text };
}

function storedText(content: Uint8Array): string | undefined {
	try {
		return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
	} catch {
		return undefined;
	}
}

async function readContent(word: string | undefined): Promise<Uint8Array> {
	if (word === undefined) {
		throw new OrchestraError('usage', 'storage write needs the content', {
			hint: 'Give it as a word, as @FILE, or as - for standard input.',
		});
	}
	if (word === '-') return readBytesFrom('-');
	return word.startsWith('@') ? readBytesFrom(word.slice(1)) : Buffer.from(word);
}

const metadataHint = 'Write --metadata \'{"key": "value"}\', in single quotes.';

function readMetadata(text: string | undefined): JsonObject | undefined {
	if (text === undefined) return undefined;
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		throw new OrchestraError('usage', `--metadata is not JSON: ${(error as Error).message}`, {
			hint: metadataHint,
			cause: error,
		});
	}
	if (isObject(value)) return value;
	throw new OrchestraError('usage', '--metadata is no JSON object', { hint: metadataHint });
}

/** The only storage type that the target provides; undefined, which is the core protocol's default, where that cannot be said. */
async function onlyType({ target }: TargetSession): Promise<string | undefined> {
	// A core peer that we started says what it stores when it registers, in a moment or never.
	if (target.registered) await settlesWithin(target.registered, registrationMs);
	const types = target.manifests.flatMap(({ providesStorage = [] }) => providesStorage);
	return types.length === 1 ? types[0] : undefined;
}

async function versionOf(storage: StorageClient, path: string, options: object): Promise<number> {
	try {
		return (await storage.read(path, options)).version;
	} catch (error) {
		if (error instanceof PeerError && error.code === 'storage_not_found') return 0;
		throw error;
	}
}
