import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Address, isAddressUrl, parseAddress } from '../../runtime/carrier/address.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { findPluginEntry, isModuleFile } from '../load/plugin-entry.ts';

/** What a command acts on. */
export type Target =
	/** Something that runs already. */
	| { readonly kind: 'address'; readonly address: Address }
	/** A module with a plugin in it: embedded, or run as a process by us. */
	| { readonly kind: 'module'; readonly entry: string; readonly folder: string }
	/** A program of any language that follows the process contract. */
	| { readonly kind: 'executable'; readonly path: string };

/**
 * Tells what the word for a target means: an address (`quic://…`, `tcp://…`, `tcp+plain://…`, or `host:port` where no such
 * file exists), a folder or module with a plugin in it, or an executable.
 *
 * @throws OrchestraError `invalid_address`, `target_not_found`, `not_a_plugin`
 */
export function resolveTarget(word: string): Target {
	if (isAddressUrl(word) || (/^(\[[^\]]+\]|[\w.-]+):\d+$/.test(word) && !existsSync(word))) {
		return { kind: 'address', address: parseAddress(word) };
	}
	if (/^[a-z][\w+.-]*:\/\//i.test(word)) parseAddress(word); // Says which schemes there are.
	const entry = findPluginEntry(word);
	if (isModuleFile(entry)) return { kind: 'module', entry, folder: folderOf(word, entry) };
	if (isExecutable(entry)) return { kind: 'executable', path: entry };
	throw new OrchestraError('not_a_plugin', `${word} is neither a module nor an executable`, {
		hint: `Make it executable with chmod +x ${word}, or name a .ts or .js file with a plugin in it.`,
		details: { path: entry },
	});
}

function folderOf(word: string, entry: string): string {
	return statSync(word).isDirectory() ? resolve(word) : dirname(entry);
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
