import { readFileSync } from 'node:fs';
import { isObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { parseJsonWithComments } from '../json-with-comments.ts';
import type { McpClient } from './mcp-client.ts';

/** A server, as clients have it in their files. */
export interface ClientEntry {
	readonly command?: string;
	readonly args?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
	readonly cwd?: string;
	readonly url?: string;
	readonly headers?: Readonly<Record<string, string>>;
}

/** The file of a client. */
export interface ClientFile {
	readonly path: string;
	/** Its text; undefined where there is none yet. */
	readonly text: string | undefined;
	/** All of it. */
	readonly document: Record<string, unknown>;
	readonly servers: Readonly<Record<string, ClientEntry>>;
	/** Whether it has comments, or commas that JSON does not have: they would be lost when it is written. */
	readonly hasComments: boolean;
}

/** Reads the file of a client. @throws OrchestraError `invalid_configuration` */
export function readClientFile({ title, key }: Pick<McpClient, 'title' | 'key'>, path: string): ClientFile {
	let text: string;
	try {
		text = readFileSync(path, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
			return { path, text: undefined, document: {}, servers: {}, hasComments: false };
		}
		throw unusable(title, path, (error as Error).message, error);
	}
	let document: unknown;
	let hasComments = false;
	try {
		document = text.trim() === '' ? {} : JSON.parse(text);
	} catch {
		try {
			document = parseJsonWithComments(text);
			hasComments = true;
		} catch (error) {
			throw unusable(title, path, (error as Error).message, error);
		}
	}
	if (!isObject(document)) throw unusable(title, path, 'it is no object');
	const servers = document[key] ?? {};
	if (!isObject(servers)) throw unusable(title, path, `its ${key} is no object`);
	for (const [name, entry] of Object.entries(servers)) {
		if (!isObject(entry)) throw unusable(title, path, `its ${key}.${name} is no object`);
	}
	return { path, text, document, servers: servers as Record<string, ClientEntry>, hasComments };
}

function unusable(title: string, path: string, why: string, cause?: unknown): OrchestraError {
	return new OrchestraError('invalid_configuration', `${path} of ${title} cannot be read: ${why}`, {
		hint: 'Mend the file, or move it away. Nothing was changed.',
		details: { path },
		cause,
	});
}
