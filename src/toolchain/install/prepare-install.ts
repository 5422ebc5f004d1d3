import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { type InstallSource, registryKey } from './source/install-source.ts';
import { type StagedPlugin, stagePlugin } from './stage/stage-plugin.ts';
import { fileFailure } from './store/file-failure.ts';
import { folderOf } from './store/install-folder.ts';
import { type InstallRecord, readIntegrity } from './store/integrity.ts';
import type { PluginStore } from './store/plugin-store.ts';
import { Registry } from './store/registry.ts';
import { openStaging, type Staging } from './store/staging.ts';

/** Relation of an install to the plugin of that id that is there already. */
export interface PreviousInstall {
	readonly version: string;
	/** The key that it is registered under: where it comes from. */
	readonly key: string;
	/** Ours; undefined for one of the Go command line. */
	readonly record: InstallRecord | undefined;
}

/** A plugin that has been fetched and made ready, and waits for a yes. */
export interface PreparedInstall {
	readonly source: InstallSource;
	/** Its key in the registry. */
	readonly key: string;
	readonly staging: Staging;
	readonly plugin: StagedPlugin;
	/** Plugin that is registered under the same id. */
	readonly previous: PreviousInstall | undefined;
	/** Removes what was fetched. The caller calls it, installed or not. */
	remove(): void;
}

/** Options of preparing a plugin. */
export interface PrepareOptions {
	readonly cwd: string;
	readonly signal?: AbortSignal | undefined;
	/** Called with what is being done. */
	readonly onStep?: ((text: string) => void) | undefined;
}

/**
 * Fetches a plugin and makes it ready beside the installed ones, which stay as they are.
 *
 * @throws OrchestraError what {@link stagePlugin} throws, `registry_unusable`, `no_space`
 */
export async function prepareInstall(
	store: PluginStore,
	source: InstallSource,
	options: PrepareOptions,
): Promise<PreparedInstall> {
	const staging = openStaging(store);
	try {
		const plugin = await stagePlugin(source, { ...options, staging });
		if (options.signal?.aborted) throw new OrchestraError('cancelled', 'nothing was installed');
		const previous = findInstalled(store, plugin.manifest.id);
		return { source, key: registryKey(source), staging, plugin, previous, remove: staging.remove };
	} catch (error) {
		staging.remove();
		throw asFailure(store, error);
	}
}

/** Errors of the file system, also those that were wrapped on their way, tell that the disk is full. */
function asFailure(store: PluginStore, error: unknown): unknown {
	for (let cause = error; cause instanceof Error; cause = cause.cause) {
		const { code } = cause as NodeJS.ErrnoException;
		if (code === 'ENOSPC' || code === 'EDQUOT') return fileFailure(store.dir, cause);
	}
	const { syscall } = (error ?? {}) as NodeJS.ErrnoException;
	return error instanceof OrchestraError || syscall === undefined ? error : fileFailure(store.dir, error);
}

function findInstalled(store: PluginStore, id: string): PreviousInstall | undefined {
	const found = [...Registry.read(store).entries].find(([, entry]) => entry.id === id);
	if (!found) return undefined;
	const [key, { version, binary }] = found;
	return { key, version, record: readIntegrity(store).get(folderOf(store, binary) ?? '') };
}
