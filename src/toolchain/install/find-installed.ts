import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { isModuleFile } from '../load/plugin-entry.ts';
import { faultOfNewId } from '../scaffold/plugin-id.ts';
import { lockFileName, readLock } from './project/lock-file.ts';
import { folderOf, installFolderName } from './store/install-folder.ts';
import { readIntegrity } from './store/integrity.ts';
import { assertOwnStore, type PluginStore } from './store/plugin-store.ts';
import { Registry } from './store/registry.ts';
import { verifyFiles } from './store/verify-files.ts';

/** An installed plugin that may be run now: its files are those that were installed. */
export interface RunnablePlugin {
	readonly id: string;
	readonly kind: 'module' | 'executable' | 'mcp';
	/** Absolute. */
	readonly file: string;
	/** Absolute. */
	readonly folder: string;
	/**
	 * Hashes the files again, before each further start.
	 *
	 * @throws OrchestraError `integrity_failed`
	 */
	check(): void;
}

/**
 * The plugin that is installed under an id: the version that the project's lock file names, else the registered one. Every file of it is
 * hashed and held against what was installed. One that the Go command line installed has no hashes, and is returned unchecked.
 *
 * @param project the folder of a project with a lock file
 * @returns undefined where nothing is installed under that id
 * @throws OrchestraError `integrity_failed`, `lock_mismatch`, `registry_unusable`
 */
export function findInstalled(store: PluginStore, id: string, project?: string): RunnablePlugin | undefined {
	if (!mayBeId(id)) return undefined;
	const locked = project === undefined ? undefined : readLock(project).get(id);
	if (locked) {
		const plugin = checked(store, id, installFolderName(id, locked.sha256));
		if (plugin) return plugin;
		throw new OrchestraError(
			'lock_mismatch',
			`${lockFileName} names plugin ${id} ${locked.version}, which is not installed`.replace('  ', ' '),
			{ hint: 'Run: orchestra install --frozen', details: { id, project: project ?? '' } },
		);
	}
	if (!existsSync(store.registryFile)) return undefined;
	const found = [...Registry.read(store).entries.values()].find((entry) => entry.id === id);
	if (!found) return undefined;
	const folder = folderOf(store, found.binary);
	if (folder !== undefined) {
		const plugin = checked(store, id, folder);
		if (plugin) return plugin;
		throw new OrchestraError('integrity_failed', `nothing says what the files of plugin ${id} have to be`, {
			hint: 'It is not started. Install it again.',
			details: { id, folder: join(store.bin, folder) },
		});
	}
	assertProgram(id, found.binary);
	return {
		id,
		kind: 'executable',
		file: found.binary,
		folder: dirname(found.binary),
		check: () => assertProgram(id, found.binary),
	};
}

/** Whether a word can be the id of a plugin. */
export function mayBeId(word: string): boolean {
	// `plugin.ts` is the file of that name, whatever a stranger's plugin calls itself: such an id is not installed either.
	return faultOfNewId(word) === undefined && !isModuleFile(word);
}

function checked(store: PluginStore, id: string, name: string): RunnablePlugin | undefined {
	const record = readIntegrity(store).get(name);
	if (!record) return undefined;
	assertOwnStore(store);
	const folder = join(store.bin, name);
	const check = () => verifyFiles(folder, record);
	check();
	return { id, kind: record.kind, file: join(folder, record.file), folder, check };
}

/** @throws OrchestraError `integrity_failed` */
function assertProgram(id: string, file: string): void {
	try {
		accessSync(file, constants.X_OK);
	} catch (error) {
		throw new OrchestraError('integrity_failed', `the program of plugin ${id} cannot be run: ${file}`, {
			hint: 'Install it again, or remove it: orchestra uninstall',
			details: { id, file },
			cause: error,
		});
	}
}
