import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Address, isAddressUrl, parseAddress } from '../../runtime/carrier/address.ts';
import type { McpSettings } from '../../runtime/hosting/mcp/mcp-settings.ts';
import { isExecutable } from '../../runtime/launching/is-executable.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { findInstalled, mayBeId } from '../install/find-installed.ts';
import { type InstalledServer, readServerFile } from '../install/mcp/installed-server.ts';
import { findLock } from '../install/project/lock-file.ts';
import { type PluginStore, pluginStore } from '../install/store/plugin-store.ts';
import { findPluginEntry, isModuleFile } from '../load/plugin-entry.ts';
import { mcpLabel, mcpPrefix, parseMcpTarget } from './mcp-target.ts';

/** Target of a command. */
export type Target =
	/** A plugin or server that runs already. */
	| { readonly kind: 'address'; readonly address: Address }
	/** A module with a plugin in it: embedded, or run as a process by us. */
	| { readonly kind: 'module'; readonly entry: string; readonly folder: string; readonly check?: CheckFiles }
	/** An MCP server. */
	| {
			readonly kind: 'mcp';
			readonly label: string;
			readonly settings: McpSettings;
			/** Start of an installed one; its command stands in its settings once they are filled in. */
			readonly installed?: {
				readonly server: InstalledServer;
				readonly folder: string;
				readonly check: CheckFiles;
			};
	  }
	/** A program of any language that follows the process contract. */
	| { readonly kind: 'executable'; readonly path: string; readonly check?: CheckFiles };

/** Targets of ours that can be installed. */
export type InstalledTarget = Extract<Target, { kind: 'module' | 'executable' }>;

/** Called before each start of an installed plugin. @throws OrchestraError `integrity_failed` where a file was changed */
export type CheckFiles = () => void;

/** Context in which the word for a target is looked up. */
export interface TargetContext {
	/** The project with the lock file that says which version an id means. Default: the one around the working folder. */
	readonly project?: string | undefined;
	/** Installed plugins. Default: the user's own. */
	readonly store?: PluginStore;
}

/**
 * Tells what the word for a target means: an address (`quic://…`, `tcp://…`, `tcp+plain://…`, or `host:port`), an MCP server (`mcp:…`), the id of an installed plugin, a folder or module with a plugin in it, or an executable. An id wins over a file of that
 * name in the working folder, which is `./name`: what a folder happens to hold does not change what an id means.
 *
 * @throws OrchestraError `usage` where `host:port` is a file as well, `invalid_address`, `target_not_found`, `not_a_plugin`; for an id `integrity_failed`, `lock_mismatch`, `registry_unusable`
 */
export function resolveTarget(word: string, context: TargetContext = {}): Target {
	if (word.startsWith(mcpPrefix)) {
		const settings = parseMcpTarget(word);
		return { kind: 'mcp', label: mcpLabel(settings), settings };
	}
	if (isAddressUrl(word)) return { kind: 'address', address: parseAddress(word) };
	if (/^(\[[^\]]+\]|[\w.-]+):\d+$/.test(word)) {
		if (existsSync(word)) throw ambiguous(word);
		return { kind: 'address', address: parseAddress(word) };
	}
	if (/^[a-z][\w+.-]*:\/\//i.test(word)) parseAddress(word); // Says which schemes there are.
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

/** Somebody may have put a file there so that it is run in the place of what is at that address. */
function ambiguous(word: string): OrchestraError {
	return new OrchestraError('usage', `${word} is an address, and a file in this folder has that name too`, {
		hint: `Which one is meant? The address is quic://${word} or tcp://${word}, the file is ./${word}.`,
		details: { target: word },
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
export function findInstalledTarget(
	id: string,
	context: TargetContext = {},
): Exclude<Target, { kind: 'address' }> | undefined {
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
