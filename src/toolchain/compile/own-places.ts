import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Loader, Plugin, PluginBuild } from 'esbuild';
import { withoutMark } from './package-files.ts';

/**
 * Names that stand for what tells a file where it lies. The values are put into each file, as if it had not been joined with
 * others. A name of our own for each, since files declare a `__dirname` themselves.
 */
export const placeNames = {
	'import.meta.url': '__meta_url',
	'import.meta.filename': '__meta_filename',
	'import.meta.dirname': '__meta_dirname',
	'import.meta.resolve': '__meta_resolve',
	__filename: '__own_filename',
	__dirname: '__own_dirname',
} as const;

/** A call of `import.meta.resolve` with a text. */
const resolveCall = /import\.meta\.resolve\(\s*(['"])([^'"\n]+)\1\s*\)/g;

/** `require.resolve(` and `require(` of anything but a text. */
const freeRequire = /(?<![.\w$])require(?=\.resolve\s*\(|\s*\((?!\s*(['"][^'"]*['"]|`[^`$]*`)\s*\)))/g;

/** Code for `import.meta.resolve` where it was not given a text: the rules of require come closest that Node has. */
const resolveModule = `import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
export const resolveFrom = (parent) => (specifier) => {
	if (/^\\.{0,2}\\//.test(specifier)) return new URL(specifier, parent).href;
	if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) return specifier;
	const found = createRequire(parent).resolve(specifier);
	return found.startsWith('node:') ? found : pathToFileURL(found).href;
};`;

/** Gives each source file its own place. {@link placeNames} belong to it, as the compiler's `define`. */
export const ownPlaces: Plugin = {
	name: 'own-places',
	setup(build) {
		build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, async ({ path }) => {
			const source = withoutMark(await readFile(path, 'utf8'));
			return { contents: await placed(build, path, source), loader: loaderOf(path) };
		});
		build.onResolve({ filter: /^orchestra:resolve$/ }, ({ path }) => ({ path, namespace: 'own-places' }));
		build.onLoad({ filter: /.*/, namespace: 'own-places' }, () => ({
			contents: resolveModule,
			loader: 'js',
		}));
	},
};

/** Loader for a source file. */
export function loaderOf(path: string): Loader {
	return path.replace(/^.*\.[cm]?/, '') as Loader;
}

async function placed(build: PluginBuild, path: string, text: string): Promise<string> {
	let source = text;
	let constants = '';
	const url = JSON.stringify(pathToFileURL(path).href);
	const [file, folder] = [JSON.stringify(path), JSON.stringify(dirname(path))];
	if (source.includes('import.meta')) {
		source = await withResolvedNames(build, path, source);
		constants += `const __meta_url=${url},__meta_filename=${file},__meta_dirname=${folder};`;
		if (source.includes('import.meta.resolve')) {
			constants += `import {resolveFrom as __resolve_from} from 'orchestra:resolve';const __meta_resolve=__resolve_from(${url});`;
		}
	} else if (/\.c?js$/.test(path) && source.search(freeRequire) >= 0) {
		// A text alone is resolved when it is compiled; the rest is looked for from this file when it runs.
		source = source.replace(freeRequire, '__own_require');
		constants += `var __own_require=require('node:module').createRequire(${file});`;
	}
	if (/__dirname|__filename/.test(source)) constants += `var __own_filename=${file},__own_dirname=${folder};`;
	if (constants === '') return source;
	// On the first line, behind a hashbang, so that line numbers stay.
	return source.replace(/^(#!.*\r?\n)?/, (hashbang) => hashbang.replace('\r', '') + constants);
}

/** Packages are found by the compiler's own rules, which are those of `import`. */
async function withResolvedNames(build: PluginBuild, path: string, text: string): Promise<string> {
	let source = text;
	for (const [call, , specifier = ''] of text.matchAll(resolveCall)) {
		if (/^[./]|^[a-z][a-z0-9+.-]*:/i.test(specifier)) continue;
		const found = await build.resolve(specifier, {
			kind: 'import-statement',
			importer: path,
			resolveDir: dirname(path),
			// Outside the namespace of files, so that nothing is left out for being CommonJS.
			namespace: 'literal',
		});
		if (found.errors.length > 0 || found.external) continue;
		source = source.replace(call, JSON.stringify(pathToFileURL(found.path).href));
	}
	return source;
}
