import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { collectGarbage } from './collect-garbage.ts';
import { notInstalled } from './not-installed.ts';
import { readLock, updateLock } from './project/lock-file.ts';
import { folderOf } from './store/install-folder.ts';
import { type PluginStore, prepareStore } from './store/plugin-store.ts';
import { withStoreLock } from './store/plugin-store-lock.ts';
import { Registry } from './store/registry.ts';

/** Facts about the removed plugin. */
export interface UninstalledPlugin {
	readonly id: string;
	readonly version: string;
	/** The key that it was registered under. */
	readonly key: string;
	/** Whether it was taken out of the project's lock file. */
	readonly unlocked: boolean;
}

/**
 * Takes a plugin out of the registry and, in a project, out of its lock file, and removes its files unless another project's lock file
 * names them. One that the Go command line installed goes too.
 *
 * @param idOrKey the plugin's id, or the key that it is registered under
 * @throws OrchestraError `plugin_not_installed`, `registry_unusable`
 */
export async function uninstallPlugin(
	store: PluginStore,
	idOrKey: string,
	options: { readonly project?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<UninstalledPlugin> {
	prepareStore(store);
	return withStoreLock(
		store,
		() => {
			const found = Registry.read(store).find(idOrKey);
			const id = found?.entry.id ?? idOrKey;
			const { project } = options;
			const locked = project === undefined ? undefined : readLock(project).get(id);
			if (!found && !locked) throw notInstalled(store, idOrKey);
			if (found) {
				Registry.update(store, (entries) => {
					delete entries[found.key];
				});
			}
			if (locked && project !== undefined) updateLock(project, (entries) => entries.delete(id));
			if (found) removeForeign(store, found.entry.binary);
			collectGarbage(store);
			return {
				id,
				version: found?.entry.version ?? locked?.version ?? '',
				key: found?.key ?? locked?.source ?? '',
				unlocked: locked !== undefined,
			};
		},
		options.signal,
	);
}

/** A program of the Go command line is a file in `bin/` itself. What lies elsewhere is not ours to remove. */
function removeForeign(store: PluginStore, binary: string): void {
	if (folderOf(store, binary) !== undefined || dirname(binary) !== store.bin) return;
	try {
		rmSync(binary, { force: true });
	} catch (error) {
		throw new OrchestraError(
			'registry_unusable',
			`${binary} cannot be removed: ${(error as Error).message}`,
			{
				hint: 'The plugin is out of the registry. Remove the file yourself.',
				cause: error,
			},
		);
	}
}
