import { homedir } from 'node:os';
import { join } from 'node:path';
import { idOfLabel } from '../../runtime/hosting/id-of-label.ts';
import { type ClientEntry, readClientFile } from './client-file.ts';
import { mcpClients } from './mcp-client.ts';

/** A server that a client knows. */
export interface KnownServer {
	/** A name that a plugin can have. */
	readonly id: string;
	/** The file that it is in. */
	readonly from: string;
	readonly entry: ClientEntry;
	/** Variables of the environment that hold what the file held: secrets do not go into another file. */
	readonly variables: readonly string[];
}

/** The servers that the clients of this machine and this project know; of one name the first. Our own are left out. */
export function knownServers(folder: string, files: readonly string[] = []): KnownServer[] {
	const places =
		files.length > 0
			? files.flatMap((path) => [
					{ title: 'it', key: 'mcpServers' as const, path },
					{ title: 'it', key: 'servers' as const, path },
				])
			: [
					...mcpClients.map(({ title, key, file }) => ({ title, key, path: file(folder) })),
					{ title: 'Cursor', key: 'mcpServers' as const, path: join(folder, '.cursor/mcp.json') },
					{ title: 'Claude Code', key: 'mcpServers' as const, path: join(homedir(), '.claude.json') },
				];
	const known = new Map<string, KnownServer>();
	for (const { title, key, path } of places) {
		for (const [name, entry] of Object.entries(readClientFile({ title, key }, path).servers)) {
			if (entry.args?.includes('--mcp') && entry.args.includes('serve')) continue;
			if (entry.command === undefined && entry.url === undefined) continue;
			const id = idOfLabel(name, 'mcp');
			if (!known.has(id)) known.set(id, { id, from: path, entry, variables: variablesOf(entry) });
		}
	}
	return [...known.values()];
}

/** The lines of a plugin in orchestra.yaml. */
export function pluginOf({ id, entry }: KnownServer): Record<string, unknown> {
	const { command, args = [], env, cwd, url, headers } = entry;
	const mcp =
		url === undefined
			? {
					command,
					...(args.length > 0 ? { args: [...args] } : {}),
					...(env && Object.keys(env).length > 0 ? { env: byVariable(env) } : {}),
					...(cwd ? { cwd } : {}),
				}
			: { url, ...(headers && Object.keys(headers).length > 0 ? { headers: byVariable(headers) } : {}) };
	return { id, mcp };
}

function variablesOf({ env = {}, headers = {} }: ClientEntry): string[] {
	return Object.keys({ ...env, ...headers }).map(variable);
}

function byVariable(values: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(Object.keys(values).map((key) => [key, `\${env:${variable(key)}}`]));
}

function variable(key: string): string {
	return key.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
}
