import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { replaceFile } from '../replace-file.ts';
import { type ClientEntry, type ClientFile, readClientFile } from './client-file.ts';
import type { McpClient } from './mcp-client.ts';

/** A change of a client's file that has not been made yet. */
export interface ClientChange {
	readonly path: string;
	/** Lines that go and come, with `-` and `+` in front. Empty where there is nothing to change. */
	readonly diff: readonly string[];
	/** The names of servers that come or go. */
	readonly names: readonly string[];
	/** Makes it. @throws OrchestraError `invalid_configuration` where somebody has changed the file meanwhile */
	make(): void;
}

/** Whether a server is one that this command has written. */
function isOurs({ args = [] }: ClientEntry): boolean {
	return args.includes('serve') && args.includes('--mcp');
}

/**
 * Puts a server into a client's file, in the place of one of ours of that name.
 *
 * @throws OrchestraError `plugin_conflict` where another server has the name; `invalid_configuration`
 */
export function addToClient(
	client: McpClient,
	folder: string,
	name: string,
	entry: ClientEntry,
): ClientChange {
	const file = readClientFile(client, client.file(folder));
	const before = Object.hasOwn(file.servers, name) ? file.servers[name] : undefined;
	if (before && !isOurs(before)) {
		throw new OrchestraError('plugin_conflict', `${client.title} has another server called ${name}`, {
			hint: 'Give this one another name with --name.',
			details: { path: file.path, name },
		});
	}
	return change(client, file, { ...file.servers, [name]: entry }, [name]);
}

/** Takes the servers that this command has put there out of a client's file: all of them, or those of the names. */
export function removeFromClient(client: McpClient, folder: string, names: readonly string[]): ClientChange {
	const file = readClientFile(client, client.file(folder));
	const ours = Object.entries(file.servers)
		.filter(([name, entry]) => isOurs(entry) && (names.length === 0 || names.includes(name)))
		.map(([name]) => name);
	const rest = Object.fromEntries(Object.entries(file.servers).filter(([name]) => !ours.includes(name)));
	return change(client, file, rest, ours);
}

function change(
	client: McpClient,
	file: ClientFile,
	servers: Readonly<Record<string, ClientEntry>>,
	names: readonly string[],
): ClientChange {
	const diff = names.flatMap((name) => {
		const lines = (entry: ClientEntry | undefined, sign: string) =>
			entry
				? `${JSON.stringify(name)}: ${JSON.stringify(entry, null, 2)}`
						.split('\n')
						.map((line) => `${sign} ${line}`)
				: [];
		const [before, after] = [file.servers[name], servers[name]];
		return JSON.stringify(before) === JSON.stringify(after)
			? []
			: [...lines(before, '-'), ...lines(after, '+')];
	});
	return {
		path: file.path,
		diff,
		names,
		make() {
			if (diff.length === 0) return;
			if (file.hasComments) {
				throw new OrchestraError('invalid_configuration', `${file.path} has comments, which would be lost`, {
					hint: `Change it by hand: under "${client.key}" goes\n${diff.join('\n')}`,
					details: { path: file.path, diff: [...diff] },
				});
			}
			const text = `${JSON.stringify({ ...file.document, [client.key]: servers }, null, 2)}\n`;
			mkdirSync(dirname(file.path), { recursive: true });
			replaceFile(file.path, text, () => {
				if (readClientFile(client, file.path).text === file.text) return;
				throw new OrchestraError('invalid_configuration', `somebody has changed ${file.path} meanwhile`, {
					hint: 'Look at it, and try again.',
				});
			});
		},
	};
}
