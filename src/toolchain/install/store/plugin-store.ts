import { lstatSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { makeFolders } from '../../../runtime/platform/make-folders.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { fileFailure } from './file-failure.ts';

/** Folders of installed plugins. The layout is the Go command line's, which reads `registry.json` and starts what is in `bin/`. */
export interface PluginStore {
	/** `plugins` under the home of Orchestra; absolute. */
	readonly dir: string;
	/** The files of the plugins: of ours a folder for each version, `ID@HASH`. */
	readonly bin: string;
	/** List of the installed plugins. */
	readonly registryFile: string;
	/** The hashes and sources of what we installed: the Go side drops keys that it does not know. */
	readonly integrityFile: string;
}

/**
 * The store under `$ORCHESTRA_HOME`, else `~/.orchestra`. Nothing is created or checked.
 *
 * @throws OrchestraError `registry_unusable` for a user without a home
 */
export function pluginStore(home?: string): PluginStore {
	const chosen = home || process.env.ORCHESTRA_HOME || join('~', '.orchestra');
	const root = resolve(/^~($|[/\\])/.test(chosen) ? join(userHome(), chosen.slice(1)) : chosen);
	const dir = join(root, 'plugins');
	return {
		dir,
		bin: join(dir, 'bin'),
		registryFile: join(dir, 'registry.json'),
		integrityFile: join(dir, 'integrity.json'),
	};
}

function userHome(): string {
	try {
		return homedir();
	} catch (error) {
		throw new OrchestraError('registry_unusable', 'this user has no home folder', {
			hint: 'ORCHESTRA_HOME names a folder for installed plugins.',
			cause: error,
		});
	}
}

/**
 * Makes the folders of the store, and checks that nobody else may put programs there.
 *
 * @throws OrchestraError `registry_unusable`, `no_space`
 */
export function prepareStore(store: PluginStore): void {
	try {
		makeFolders(store.bin);
	} catch (error) {
		throw fileFailure(store.bin, error);
	}
	assertOwnStore(store);
}

/**
 * Checks that the store, where there is one, is this user's alone to change: what lies there is run.
 *
 * @throws OrchestraError `registry_unusable`
 */
export function assertOwnStore(store: PluginStore): void {
	const uid = process.getuid?.();
	if (uid === undefined) return;
	for (const folder of [store.dir, store.bin]) {
		const stats = lstatSync(folder, { throwIfNoEntry: false });
		if (!stats?.isDirectory()) continue;
		const owned = stats.uid === uid || stats.uid === 0;
		if (owned && !(stats.mode & 0o002)) continue;
		throw new OrchestraError(
			'registry_unusable',
			owned ? `anybody may write to ${folder}` : `${folder} belongs to another user`,
			{
				hint: owned ? `Run: chmod o-w ${folder}` : 'ORCHESTRA_HOME names another folder.',
				details: { path: folder },
			},
		);
	}
}
