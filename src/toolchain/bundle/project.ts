import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { findPluginEntry, isModuleFile } from '../load/plugin-entry.ts';

/** The source of a plugin on disk. */
export interface PluginProject {
	/** The module whose default export is the plugin; absolute. */
	readonly entry: string;
	/** The folder that its package.json or deno.json is in, else the module's; absolute, without links. */
	readonly dir: string;
	/** Whether it is written for Deno: it has a deno.json. */
	readonly forDeno: boolean;
}

/**
 * Finds the plugin in a folder, or the project around a module.
 *
 * @throws OrchestraError `target_not_found`, `not_a_plugin`
 */
export function findProject(path: string): PluginProject {
	const entry = realpathSync(findPluginEntry(path));
	if (!isModuleFile(entry)) {
		throw new OrchestraError('not_a_plugin', `${path} is no module`, {
			hint: 'Name a folder or a .ts or .js file with a plugin in it.',
			details: { path: entry },
		});
	}
	const dir = statSync(path).isDirectory() ? realpathSync(resolve(path)) : projectAround(dirname(entry));
	return { entry, dir, forDeno: has(dir, 'deno.json') || has(dir, 'deno.jsonc') };
}

function projectAround(start: string): string {
	for (let dir = start; ; dir = dirname(dir)) {
		if (has(dir, 'package.json') || has(dir, 'deno.json') || has(dir, 'deno.jsonc')) return dir;
		if (dirname(dir) === dir) return start;
	}
}

function has(dir: string, name: string): boolean {
	return existsSync(join(dir, name));
}
