import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { readLock } from './project/lock-file.ts';
import { folderOf, installFolderName } from './store/install-folder.ts';
import { type InstallRecord, readIntegrity } from './store/integrity.ts';
import type { PluginStore } from './store/plugin-store.ts';
import { Registry } from './store/registry.ts';
import { verifyFiles } from './store/verify-files.ts';

/**
 * Whether an installed plugin may be run: `ok`; `changed`: a file is not what was installed; `missing`: it is not there; `unrecorded`: the
 * Go command line installed it, and nothing says what its file has to be.
 */
export type InstallState = 'ok' | 'changed' | 'missing' | 'unrecorded';

/** An installed plugin. */
export interface InstalledPlugin {
	readonly id: string;
	readonly version: string;
	readonly state: InstallState;
	/** Reason why it may not be run. */
	readonly problem?: string;
	/** Source of the plugin. */
	readonly source: string;
	/** The source as exactly as it is known. */
	readonly resolved?: string;
	readonly sha256?: string;
	/** Absolute path of what is run. */
	readonly file: string;
	readonly installedAt?: string;
	/** Whether the Go command line starts it with its server; absent where only the project has it. */
	readonly enabled?: boolean;
	/** Whether the project's lock file names it. */
	readonly locked: boolean;
	readonly tools: readonly string[];
	readonly record?: InstallRecord;
}

/**
 * The plugins that an id finds: in a project those of its lock file, then the registered ones.
 *
 * @throws OrchestraError `registry_unusable`, `lock_mismatch`
 */
export function listInstalled(store: PluginStore, project?: string): InstalledPlugin[] {
	const records = readIntegrity(store);
	const list = new Map<string, InstalledPlugin>();
	const { entries } = Registry.read(store);
	for (const [key, entry] of entries) {
		const folder = folderOf(store, entry.binary);
		const record = records.get(folder ?? '');
		const { id, version, binary, enabled, installed_at: installedAt, provides_tools: tools } = entry;
		list.set(id, {
			id,
			version: record?.version ?? version,
			...stateOf(store, folder, record, binary),
			source: record?.source ?? key,
			...(record ? { resolved: record.resolved, sha256: record.sha256, record } : {}),
			file: binary,
			...(typeof installedAt === 'string' ? { installedAt } : {}),
			enabled: enabled === true,
			locked: false,
			tools: record?.manifest.provides_tools ?? (Array.isArray(tools) ? tools : []),
		});
	}
	for (const [id, entry] of project === undefined ? [] : readLock(project)) {
		const folder = installFolderName(id, entry.sha256);
		const record = records.get(folder);
		const registered = list.get(id);
		if (registered?.sha256 === entry.sha256) {
			list.set(id, { ...registered, locked: true });
			continue;
		}
		const file = join(store.bin, folder, record?.file ?? '');
		list.set(id, {
			id,
			version: entry.version,
			...stateOf(store, folder, record, file),
			source: entry.source,
			resolved: entry.resolved,
			sha256: entry.sha256,
			file,
			...(record ? { installedAt: record.installedAt, record } : {}),
			locked: true,
			tools: record?.manifest.provides_tools ?? [],
		});
	}
	return [...list.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function stateOf(
	store: PluginStore,
	folder: string | undefined,
	record: InstallRecord | undefined,
	file: string,
): { readonly state: InstallState; readonly problem?: string } {
	if (folder === undefined) {
		return existsSync(file)
			? { state: 'unrecorded' }
			: { state: 'missing', problem: `${file} does not exist` };
	}
	if (!existsSync(join(store.bin, folder))) return { state: 'missing', problem: 'its files are not there' };
	if (!record) return { state: 'changed', problem: 'nothing says what its files have to be' };
	try {
		verifyFiles(join(store.bin, folder), record);
		return { state: 'ok' };
	} catch (error) {
		return { state: 'changed', problem: OrchestraError.from(error, 'integrity_failed').message };
	}
}
