import { readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { readText } from '../compile/package-files.ts';
import { nearest } from '../nearest.ts';

/** Extensions of module files. */
const moduleExtensions = new Set(['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx']);

/** Files that are looked for in a folder whose package.json names no main module. */
const usualEntries = [
	'plugin.ts',
	'src/plugin.ts',
	'plugin.js',
	'src/plugin.js',
	'plugin.mjs',
	'plugin.cjs',
	'plugin.tsx',
	'index.ts',
	'index.js',
];

/** Whether a path names a module by its extension. */
export function isModuleFile(path: string): boolean {
	return moduleExtensions.has(extname(path));
}

/**
 * The module of the plugin at a path: the file itself, or, for a folder, the `main` of its package.json, else the first of
 * plugin.ts, src/plugin.ts, plugin.js, src/plugin.js, plugin.mjs, plugin.cjs, plugin.tsx, index.ts, index.js.
 *
 * @throws OrchestraError `target_not_found` where nothing is there, `not_a_plugin` where a folder holds no such module
 */
export function findPluginEntry(path: string): string {
	if (path === '') {
		throw new OrchestraError('target_not_found', 'the target is an empty text', {
			hint: 'Name a folder or module, such as ".". A variable of the shell may be unset.',
		});
	}
	const absolute = resolve(path);
	const stats = statsOf(absolute);
	if (!stats) {
		const near = nearest(basename(path), namesBeside(absolute));
		const here =
			hasPlugin('.') && !/[./\\]/.test(path) ? 'The plugin of this folder is written as a dot. ' : '';
		const meant = near === undefined ? here : `Did you mean ${join(dirname(path), near)}? `;
		throw new OrchestraError('target_not_found', `there is no file or folder ${path}`, {
			hint: `${meant}Name a folder or module with a plugin in it, an executable, or an address such as quic://127.0.0.1:50100.`,
			details: { path: absolute },
		});
	}
	if (!stats.isDirectory()) return absolute;
	const main = mainOf(absolute);
	if (main) {
		const entry = mainFile(resolve(absolute, main));
		if (entry) return entry;
		throw new OrchestraError('not_a_plugin', `${path}/package.json names ${main}, which does not exist`, {
			hint: 'Let "main" name the module whose default export is the plugin.',
			details: { path: absolute },
		});
	}
	for (const candidate of usualEntries) {
		const entry = join(absolute, candidate);
		if (isFile(entry)) return entry;
	}
	throw new OrchestraError('not_a_plugin', `the folder ${path} has no plugin in it`, {
		hint: `Looked for "main" in package.json and for ${usualEntries.join(', ')}. orchestra init makes a new plugin.`,
		details: { path: absolute },
	});
}

/** @throws OrchestraError `target_not_found` where the system does not even look, as with links in a circle */
function statsOf(path: string): Stats | undefined {
	try {
		return statSync(path, { throwIfNoEntry: false });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
		throw new OrchestraError('target_not_found', `${path} cannot be read: ${(error as Error).message}`, {
			hint: 'Name a file or folder that you may read.',
			details: { path },
			cause: error,
		});
	}
}

function hasPlugin(folder: string): boolean {
	try {
		findPluginEntry(folder);
		return true;
	} catch {
		return false;
	}
}

function namesBeside(path: string): string[] {
	try {
		return readdirSync(dirname(path));
	} catch {
		return [];
	}
}

/** The file that a "main" means: it may leave out the extension, or name a folder. */
function mainFile(path: string): string | undefined {
	if (isFile(path)) return path;
	const extensions = [...moduleExtensions];
	return [path, join(path, 'index')].flatMap((base) => extensions.map((end) => base + end)).find(isFile);
}

function isFile(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function mainOf(folder: string): string | undefined {
	const file = join(folder, 'package.json');
	let text: string;
	try {
		text = readText(file);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw OrchestraError.from(error, 'not_a_plugin', file);
	}
	try {
		const main = (JSON.parse(text) as { main?: unknown } | null)?.main;
		return typeof main === 'string' && main !== '' ? main : undefined;
	} catch (error) {
		throw new OrchestraError('not_a_plugin', `${file} is not JSON: ${(error as Error).message}`, {
			cause: error,
		});
	}
}
