import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';

/** The file among those of an installed MCP server that says how it is started. */
export const serverFileName = 'orchestra-mcp.json';

/** Placeholder for the folder of the server in its command, arguments and variables. */
export const folderVariable = '$' + '{__dirname}';

/** A setting of the user, in an environment variable. */
export interface ServerSetting {
	/** The name by which command, arguments and variables refer to it: `${user_config.NAME}`. */
	readonly name: string;
	/** The environment variable that holds it. */
	readonly variable: string;
	readonly title: string;
	readonly required: boolean;
	/** Whether nobody may see it. */
	readonly secret: boolean;
	/** Value where nothing is set; several for a setting that may have several. */
	readonly default?: readonly string[] | undefined;
	/** Whether it may have several values, one beside the other as in PATH. */
	readonly multiple: boolean;
}

/** Facts for starting an installed MCP server. */
export interface InstalledServer {
	readonly command: string;
	readonly args: readonly string[];
	readonly env: Readonly<Record<string, string>>;
	readonly settings: readonly ServerSetting[];
}

/** Writes how a server is started beside its files. */
export function writeServerFile(tree: string, server: InstalledServer): void {
	writeFileSync(join(tree, serverFileName), `${JSON.stringify(server, null, 2)}\n`);
}

/** @throws OrchestraError `integrity_failed` where it is not what we wrote: its hash is checked besides */
export function readServerFile(path: string): InstalledServer {
	try {
		const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
		if (isObject(value) && typeof value.command === 'string') return value as unknown as InstalledServer;
	} catch (error) {
		throw unreadable(path, error);
	}
	throw unreadable(path, undefined);
}

function unreadable(path: string, cause: unknown): OrchestraError {
	return new OrchestraError('integrity_failed', `${path} does not say how the MCP server is started`, {
		hint: 'Install it again.',
		details: { folder: dirname(path) },
		cause,
	});
}
