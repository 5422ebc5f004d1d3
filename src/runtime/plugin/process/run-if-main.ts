import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Plugin } from '../definition/plugin.ts';

/** Fields of `import.meta` that {@link runIfMain} needs. */
export interface ModuleMeta {
	readonly url: string;
	/** Deno, and Node from 24.2 on. */
	readonly main?: boolean;
}

/**
 * Runs a plugin where its module is the program that was started, and does nothing where it was imported: one file can be
 * both embedded and executed. For the last line of a module: `runIfMain(plugin, import.meta)`.
 *
 * @example
 * import { createPlugin, runIfMain } from 'orchestra-toolchain';
 *
 * const plugin = createPlugin('greeter').build();
 * export default plugin;
 * runIfMain(plugin, import.meta);
 */
export function runIfMain(plugin: Pick<Plugin, 'run'>, meta: ModuleMeta): void {
	if (!isMain(meta)) return;
	// It ends the process itself, whatever happens.
	void plugin.run();
}

function isMain(meta: ModuleMeta): boolean {
	if (typeof meta.main === 'boolean') return meta.main;
	const program = process.argv[1];
	if (!program || !meta.url.startsWith('file:')) return false;
	const self = fileURLToPath(meta.url);
	try {
		// The program may have been named without its extension, as a folder, or through a link.
		return realpathSync(createRequire(meta.url).resolve(program)) === realpathSync(self);
	} catch {
		return false;
	}
}
