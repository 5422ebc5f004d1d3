import { chmodSync, cpSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { idOfLabel } from '../../../runtime/hosting/id-of-label.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { type InstalledManifest, readManifest } from '../manifest/installed-manifest.ts';
import type { FetchOptions } from '../source/fetched.ts';
import { installServerDependencies } from '../source/install-dependencies.ts';
import type { PackageFile } from '../source/read-package.ts';
import { askServer } from './ask-server.ts';
import {
	folderVariable,
	type InstalledServer,
	type ServerSetting,
	serverFileName,
	writeServerFile,
} from './installed-server.ts';
import { readBundle } from './mcpb-manifest.ts';
import { serverCommand } from './server-command.ts';

/** An MCP server whose files lie in the staging folder's `tree`. */
export interface StagedServer {
	readonly manifest: InstalledManifest;
	readonly kind: 'mcp';
	readonly file: string;
	readonly settings?: readonly ServerSetting[];
	readonly notice?: string;
}

/** Notice about a server that could not be asked. */
const unread =
	'It did not start with an empty environment, so that what it provides is not known: it may need a setting first.';

/** Stages what a bundle holds. Nothing of it runs: it says itself what it has. */
export function stageBundle(root: string, { staging }: FetchOptions): StagedServer {
	const { manifest, server, program } = readBundle(root);
	copyTree(root, staging.tree);
	// Packers on Windows know no permission to execute.
	if (program !== undefined) chmodSync(join(staging.tree, program), 0o755);
	writeServerFile(staging.tree, server);
	return { manifest, kind: 'mcp', file: serverFileName, settings: server.settings };
}

/** Stages a package of npm with what it imports, and asks it what it has. */
export async function stageNpmServer(
	root: string,
	program: string,
	{ name = 'mcp', version = '', document }: PackageFile,
	options: FetchOptions,
): Promise<StagedServer> {
	const { staging, signal, onStep } = options;
	await installServerDependencies(root, options);
	copyTree(root, staging.tree);
	const id = idOfLabel(name.replace(/^@[^/]*\//, ''), 'mcp');
	const args = [`${folderVariable}/${program}`];
	const server: InstalledServer = { command: 'node', args, env: {}, settings: [] };
	writeServerFile(staging.tree, server);
	onStep?.('Asking it what it has');
	const asked = await askServer(id, serverCommand(id, server, staging.tree, {}), staging.scratch, signal);
	const described = { id, version, description: document.description, language: 'javascript' };
	return {
		manifest: readManifest({ ...asked, ...described }, name),
		kind: 'mcp',
		file: serverFileName,
		...(asked ? {} : { notice: unread }),
	};
}

/** Copies files and folders; a link could lead anywhere. */
function copyTree(from: string, to: string): void {
	cpSync(from, to, {
		recursive: true,
		filter(path) {
			const stats = lstatSync(path);
			if (stats.isFile() || stats.isDirectory()) return true;
			throw new OrchestraError('archive_refused', `${path} is neither a file nor a folder`);
		},
	});
}
