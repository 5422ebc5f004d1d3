import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeLeftovers } from '../replace-file.ts';
import { readLock } from './project/lock-file.ts';
import { folderOf, isInstallFolder } from './store/install-folder.ts';
import { type InstallRecord, readIntegrity, writeIntegrity } from './store/integrity.ts';
import type { PluginStore } from './store/plugin-store.ts';
import { removeLockLeftovers } from './store/plugin-store-lock.ts';
import { Registry } from './store/registry.ts';

/**
 * Removes versions that nothing names any more. Those of a registered plugin keep the one before too: a server that was started with
 * it may have to start it again. What killed processes left behind goes too. The caller holds the store's lock.
 */
export function collectGarbage(store: PluginStore): void {
	// Both are written under the lock only.
	removeLeftovers(store.integrityFile, 0);
	removeLeftovers(store.registryFile, 0);
	removeLockLeftovers(store);
	const { entries } = Registry.read(store);
	const registered = new Set([...entries.values()].map(({ binary }) => folderOf(store, binary)));
	const ids = new Set([...entries.values()].map(({ id }) => id));
	const records = readIntegrity(store);
	const kept = new Map<string, InstallRecord>();
	const spare = new Map<string, [string, InstallRecord]>();
	for (const [folder, record] of records) {
		const projects = record.projects.filter((project) => names(project, record));
		if (registered.has(folder) || projects.length > 0) {
			kept.set(folder, projects.length === record.projects.length ? record : { ...record, projects });
			continue;
		}
		const other = spare.get(record.id)?.[1];
		if (ids.has(record.id) && (!other || other.installedAt < record.installedAt)) {
			spare.set(record.id, [folder, { ...record, projects }]);
		}
	}
	for (const [folder, record] of spare.values()) kept.set(folder, record);
	// The record goes first: without its folder it would be a plugin that was changed.
	if (kept.size < records.size) writeIntegrity(store, kept);
	for (const name of readdirSync(store.bin)) {
		if (isInstallFolder(name) && !kept.has(name))
			rmSync(join(store.bin, name), { recursive: true, force: true });
	}
}

function names(project: string, { id, sha256 }: InstallRecord): boolean {
	try {
		return readLock(project).get(id)?.sha256 === sha256;
	} catch {
		return true; // It cannot be read now: what it names may be needed.
	}
}
