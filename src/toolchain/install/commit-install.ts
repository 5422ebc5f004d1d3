import { closeSync, existsSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { toolchainVersion } from '../installation.ts';
import { syncFolder } from '../replace-file.ts';
import { collectGarbage } from './collect-garbage.ts';
import type { PreparedInstall } from './prepare-install.ts';
import { type LockEntry, updateLock } from './project/lock-file.ts';
import { formatSource } from './source/install-source.ts';
import type { StagedPlugin } from './stage/stage-plugin.ts';
import { fileFailure } from './store/file-failure.ts';
import { installFolderName } from './store/install-folder.ts';
import { type InstallRecord, readIntegrity, writeIntegrity } from './store/integrity.ts';
import type { PluginStore } from './store/plugin-store.ts';
import { withStoreLock } from './store/plugin-store-lock.ts';
import { goPlatform, Registry, type RegistryEntry } from './store/registry.ts';
import { isWhole } from './store/verify-files.ts';

/** Switches of an install. */
export interface CommitOptions {
	/** The project that uses the plugins from now on. */
	readonly project?: string | undefined;
	/** Whether the project uses a plugin. Default: all of them. */
	readonly uses?: (id: string) => boolean;
	/** Leave the project's lock file as it is. */
	readonly keepLock?: boolean;
	/** Install over a plugin of the same id that comes from elsewhere. Default: refuse. */
	readonly replace?: boolean;
	/** Leave a plugin of the same id that is registered as it is: only the project uses the new one. */
	readonly keepRegistered?: boolean;
	readonly signal?: AbortSignal | undefined;
}

/**
 * Installs what was prepared. The order makes every moment a whole state, the old or the new: files go to a folder of their own, hashes
 * are added, then the registry is switched by a rename, then the lock file. What nothing names any more is removed last, or by the next
 * install.
 *
 * @throws OrchestraError `plugin_conflict`, `registry_unusable`, `no_space`, `cancelled`; the old state stays
 */
export async function commitInstalls(
	store: PluginStore,
	prepared: readonly PreparedInstall[],
	options: CommitOptions = {},
): Promise<void> {
	await withStoreLock(
		store,
		() => {
			const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
			const records = readIntegrity(store);
			const uses = ({ plugin }: PreparedInstall) => options.uses?.(plugin.manifest.id) ?? true;
			for (const install of prepared) {
				assertNoConflict(store, install, options);
				const folder = installFolderName(install.plugin.manifest.id, install.plugin.sha256);
				const kept = placeFiles(store, install, folder, records.get(folder));
				records.set(folder, recordOf(install, kept, uses(install) ? options.project : undefined, now));
			}
			writeIntegrity(store, records);
			Registry.update(store, (entries, registry) => {
				for (const install of prepared) register(store, entries, registry, install, options, now);
			});
			const { project } = options;
			if (project !== undefined && !options.keepLock) {
				updateLock(project, (entries) => {
					for (const install of prepared.filter(uses))
						entries.set(install.plugin.manifest.id, lockEntry(install, project));
				});
			}
			collectGarbage(store);
		},
		options.signal,
	);
}

/** @throws OrchestraError `plugin_conflict` where another source's plugin would be replaced without a word */
export function assertNoConflict(
	store: PluginStore,
	{ plugin, key }: PreparedInstall,
	options: CommitOptions,
): void {
	if (options.replace || options.keepRegistered) return;
	const { id } = plugin.manifest;
	for (const [other, entry] of Registry.read(store).entries) {
		if (entry.id !== id || other === key) continue;
		throw new OrchestraError('plugin_conflict', `plugin ${id} is installed already, from ${other}`, {
			hint: 'Add --replace to install this one in its place.',
			details: { id, installed: other, source: key },
		});
	}
}

/** Moves the files to their folder. Where they lie there already, whole, those stay. Returns the record of those. */
function placeFiles(
	store: PluginStore,
	{ staging, plugin }: PreparedInstall,
	folder: string,
	known: InstallRecord | undefined,
): InstallRecord | undefined {
	const target = join(store.bin, folder);
	try {
		if (existsSync(target)) {
			if (known && isWhole(target, known)) return known;
			renameSync(target, join(staging.root, 'damaged'));
		}
		for (const path of Object.keys(plugin.files)) syncFile(join(staging.tree, path));
		renameSync(staging.tree, target);
		syncFolder(store.bin);
		return undefined;
	} catch (error) {
		throw fileFailure(target, error);
	}
}

function syncFile(path: string): void {
	const file = openSync(path, 'r');
	try {
		fsyncSync(file);
	} catch (error) {
		// Windows syncs only what is open for writing.
		if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
	} finally {
		closeSync(file);
	}
}

function recordOf(
	{ source, plugin, previous }: PreparedInstall,
	kept: InstallRecord | undefined,
	project: string | undefined,
	now: string,
): InstallRecord {
	const { manifest, version, kind, file, sha256, resolved } = plugin;
	const projects = new Set([...(previous?.record?.projects ?? []), ...(kept?.projects ?? [])]);
	if (project !== undefined) projects.add(project);
	return {
		id: manifest.id,
		version,
		kind,
		file,
		source: formatSource(source),
		resolved,
		sha256,
		files: kept?.files ?? plugin.files,
		installedAt: now,
		toolchain: toolchainVersion(),
		manifest,
		projects: [...projects].sort(),
	};
}

function register(
	store: PluginStore,
	entries: Record<string, unknown>,
	registry: Registry,
	{ plugin, key }: PreparedInstall,
	options: CommitOptions,
	now: string,
): void {
	const { manifest } = plugin;
	let before: RegistryEntry | undefined;
	for (const [other, entry] of registry.entries) {
		if (entry.id !== manifest.id && other !== key) continue;
		if (entry.id === manifest.id && options.keepRegistered) return;
		if (entry.id === manifest.id) before = entry;
		delete entries[other];
	}
	entries[key] = registryEntry(store, plugin, key, before, now);
}

function registryEntry(
	store: PluginStore,
	plugin: StagedPlugin,
	key: string,
	before: RegistryEntry | undefined,
	now: string,
): RegistryEntry {
	const { manifest, version, file, sha256, kind } = plugin;
	const filled = <K extends string>(name: K, list: readonly string[]) =>
		list.length > 0 ? ({ [name]: list } as Record<K, readonly string[]>) : {};
	return {
		id: manifest.id,
		version: version || 'latest',
		binary: join(store.bin, installFolderName(manifest.id, sha256), file),
		repo: key,
		installed_at: before?.installed_at ?? now,
		provides_tools: manifest.provides_tools,
		provides_storage: manifest.provides_storage,
		needs_storage: manifest.needs_storage,
		// The Go command line cannot start an MCP server.
		enabled: kind === 'mcp' ? false : (before?.enabled ?? true),
		...filled('provides_ai', manifest.provides_ai),
		...filled('needs_ai', manifest.needs_ai),
		...filled('needs_tools', manifest.needs_tools),
		...filled('provides_prompts', manifest.provides_prompts),
		...(manifest.description ? { description: manifest.description } : {}),
		...(manifest.author ? { author: manifest.author } : {}),
		...(kind === 'executable' ? { platform: goPlatform } : {}),
		...(before ? { updated_at: now } : {}),
	};
}

function lockEntry({ source, plugin }: PreparedInstall, project: string): LockEntry {
	const isPath = 'path' in source;
	return {
		version: plugin.version,
		source: formatSource(source, project),
		resolved: isPath ? formatSource(source, project) : plugin.resolved,
		sha256: plugin.sha256,
		...(plugin.kind === 'executable' ? { platform: goPlatform } : {}),
	};
}
