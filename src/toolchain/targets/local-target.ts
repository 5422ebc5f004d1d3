import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isExecutable } from '../../runtime/launching/is-executable.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { findInstalled, mayBeId } from '../install/find-installed.ts';
import { readServerFile } from '../install/mcp/installed-server.ts';
import { findLock } from '../install/project/lock-file.ts';
import { type PluginStore, pluginStore } from '../install/store/plugin-store.ts';
import { findPluginEntry, isModuleFile } from '../load/plugin-entry.ts';
import type { LocalTarget, TargetContext } from './target.ts';

/**
 * Tells what the word for something on this machine means: the id of an installed plugin, a folder or module with a plugin in it, or an executable.
 *
 * @throws OrchestraError `target_not_found`, `not_a_plugin`; for an id `integrity_failed`, `lock_mismatch`, `registry_unusable`
 */
export function resolveLocalTarget(word: string, context: TargetContext): LocalTarget {
	const installed = findInstalledTarget(word, context);
	if (installed) return installed;
	const entry = findPluginEntry(word);
	if (isModuleFile(entry)) return { kind: 'module', entry, folder: folderOf(word, entry) };
	if (isExecutable(entry)) return { kind: 'executable', path: entry };
	throw new OrchestraError('not_a_plugin', `${word} is neither a module nor an executable`, {
		hint: isProgram(entry)
			? `Make it executable with chmod +x ${word}.`
			: 'Name a folder with a plugin in it, a .ts or .js file whose default export is one, or a program.',
		details: { path: entry },
	});
}

/** The user's own store; undefined for a user without a home, who has nothing installed. */
function ownStore(): PluginStore | undefined {
	try {
		return pluginStore();
	} catch {
		return undefined;
	}
}

/**
 * The target that is installed under an id; undefined where nothing is.
 *
 * @throws OrchestraError `integrity_failed`, `lock_mismatch`, `registry_unusable`
 */
export function findInstalledTarget(id: string, context: TargetContext = {}): LocalTarget | undefined {
	if (!mayBeId(id)) return undefined;
	const project = context.project ?? findLock(process.cwd());
	const store = context.store ?? ownStore();
	const plugin = store && findInstalled(store, id, project);
	if (!plugin) return undefined;
	const { kind, file, folder, check } = plugin;
	if (kind === 'mcp') {
		const server = readServerFile(file);
		const settings = { command: server.command, args: server.args };
		return { kind, label: id, settings, installed: { server, folder, check } };
	}
	return kind === 'module' ? { kind, entry: file, folder, check } : { kind, path: file, check };
}

function folderOf(word: string, entry: string): string {
	return statSync(word).isDirectory() ? resolve(word) : dirname(entry);
}

/** Whether a file begins as programs do: scripts with a hashbang, and binaries of Linux, macOS and Windows. */
function isProgram(path: string): boolean {
	let file: number | undefined;
	try {
		file = openSync(path, 'r');
		const begin = Buffer.alloc(4);
		readSync(file, begin, 0, 4, 0);
		return /^(#!|\x7fELF|MZ|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe)/.test(begin.toString('latin1'));
	} catch {
		return false;
	} finally {
		if (file !== undefined) closeSync(file);
	}
}
