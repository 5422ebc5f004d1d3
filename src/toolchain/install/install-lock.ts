import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { commitInstalls } from './commit-install.ts';
import { type PreparedInstall, type PrepareOptions, prepareInstall } from './prepare-install.ts';
import { type LockEntry, lockFileName, readLock } from './project/lock-file.ts';
import { parseSource } from './source/install-source.ts';
import { installFolderName } from './store/install-folder.ts';
import { readIntegrity, writeIntegrity } from './store/integrity.ts';
import { type PluginStore, prepareStore } from './store/plugin-store.ts';
import { withStoreLock } from './store/plugin-store-lock.ts';
import { goPlatform } from './store/registry.ts';
import { isWhole } from './store/verify-files.ts';

/** A plugin of a lock file, installed. */
export interface LockedInstall {
	readonly id: string;
	readonly version: string;
	readonly sha256: string;
	/** False where it was there already. */
	readonly fetched: boolean;
}

/**
 * Installs exactly what a project's lock file names. What lies there already, whole, stays; the rest is fetched from where the lock file
 * says, and held against its hash. All of them are installed or none. The lock file is not changed, nor what else is registered.
 *
 * @throws OrchestraError `lock_mismatch`, and what {@link prepareInstall} throws
 */
export async function installLock(
	store: PluginStore,
	project: string,
	options: PrepareOptions,
): Promise<LockedInstall[]> {
	const locked = readLock(project);
	if (!existsSync(join(project, lockFileName))) {
		throw new OrchestraError('lock_mismatch', `there is no ${lockFileName} in ${project}`, {
			hint: 'orchestra install SOURCE writes one.',
			details: { project },
		});
	}
	prepareStore(store);
	const records = readIntegrity(store);
	const prepared: PreparedInstall[] = [];
	const present: string[] = [];
	const result: LockedInstall[] = [];
	try {
		for (const [id, entry] of locked) {
			if (entry.platform !== undefined && entry.platform !== goPlatform) {
				throw mismatch(id, entry, `it is a program for ${entry.platform}, and this machine is ${goPlatform}`);
			}
			const folder = installFolderName(id, entry.sha256);
			const record = records.get(folder);
			const there =
				record !== undefined && record.sha256 === entry.sha256 && isWhole(join(store.bin, folder), record);
			if (there) present.push(folder);
			else prepared.push(await prepareLocked(store, project, id, entry, options));
			result.push({ id, version: entry.version, sha256: entry.sha256, fetched: !there });
		}
		if (prepared.length > 0) {
			const { signal } = options;
			await commitInstalls(store, prepared, { project, keepLock: true, keepRegistered: true, signal });
		}
		await claim(store, project, present);
		return result;
	} finally {
		for (const install of prepared) install.remove();
	}
}

async function prepareLocked(
	store: PluginStore,
	project: string,
	id: string,
	entry: LockEntry,
	options: PrepareOptions,
): Promise<PreparedInstall> {
	options.onStep?.(`Installing ${id} ${entry.version}`);
	const install = await prepareInstall(store, parseSource(entry.resolved, project), options);
	const { manifest, sha256 } = install.plugin;
	if (manifest.id === id && sha256 === entry.sha256) {
		// `update` asks for what the lock file's author asked for.
		return { ...install, source: parseSource(entry.source, project) };
	}
	install.remove();
	if (manifest.id !== id) throw mismatch(id, entry, `${entry.resolved} is plugin ${manifest.id}`);
	throw mismatch(id, entry, `its files have the SHA-256 ${sha256}`);
}

/** Notes that the project uses these, so that they stay. */
async function claim(store: PluginStore, project: string, folders: readonly string[]): Promise<void> {
	if (folders.length === 0) return;
	await withStoreLock(store, () => {
		const records = readIntegrity(store);
		let changed = false;
		for (const folder of folders) {
			const record = records.get(folder);
			if (!record || record.projects.includes(project)) continue;
			records.set(folder, { ...record, projects: [...record.projects, project].sort() });
			changed = true;
		}
		if (changed) writeIntegrity(store, records);
	});
}

function mismatch(id: string, entry: LockEntry, why: string): OrchestraError {
	return new OrchestraError(
		'lock_mismatch',
		`plugin ${id} does not fit ${lockFileName}, which names version ${entry.version || '(none)'} with the SHA-256 ${entry.sha256}: ${why}`,
		{
			hint: `Nothing was installed. Its source has changed, or another orchestra bundled it. To take what is there now: orchestra update ${id}`,
			details: { id, wanted: entry.sha256, source: entry.resolved },
		},
	);
}
