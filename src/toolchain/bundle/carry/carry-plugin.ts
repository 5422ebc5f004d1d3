import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { OnLoadResult, PartialMessage, Plugin } from 'esbuild';
import { isBuiltin } from '../../compile/builtin-modules.ts';
import { loaderOf } from '../../compile/own-places.ts';
import { importedPackage, isPackageFile, packageNameOf, withoutMark } from '../../compile/package-files.ts';
import { shownPath } from '../../shown-path.ts';
import { type AssetReference, findAssets, ownPlace } from './asset-references.ts';
import type { CarriedFiles } from './carried-files.ts';
import { findPackage, isNativePackage } from './native-package.ts';

/** Text that marks the faults which say what cannot lie beside a bundle. */
export const cannotCarry = 'beside the bundle';

/**
 * Names that stand for what tells a file where it lies, as the compiler's `define`: each file has its own place where it reads files
 * beside it, and the place of the bundle otherwise.
 */
export const carriedPlaceNames = {
	'import.meta.url': '__place_url',
	'import.meta.filename': '__place_filename',
	'import.meta.dirname': '__place_dirname',
	__filename: '__file_name',
	__dirname: '__file_dir',
} as const;

/** Code that gives a bundle its own place, and that of the files beside it: `weather.files` beside `weather.mjs`. */
export const placeBanner = `const __bundle_url = import.meta.url, __bundle_filename = import.meta.filename, __bundle_dirname = import.meta.dirname;
const __files_url = __bundle_url.replace(/\\.m?js([?#].*)?$/, '') + '.files/', __files_dir = __bundle_filename.replace(/\\.m?js$/, '') + '.files/';`;

/** Names of code, which is taken in. */
const code = /\.[cm]?[jt]sx?$/;

/**
 * Takes what a bundle cannot hold along beside it: files that a source reads from its own folder, addons, and packages with a native part,
 * which stay as they are installed.
 *
 * @param carried gets them
 * @param natives folders of packages that are found to have a native part only when they are read
 */
export function carryFiles(carried: CarriedFiles, natives: Set<string>): Plugin {
	const known = new Map<string, boolean>();
	const isNative = (dir: string): boolean => {
		const found = natives.has(dir) || (known.get(dir) ?? isNativePackage(dir));
		known.set(dir, found);
		return found;
	};
	return {
		name: 'carry-files',
		setup(build) {
			build.onResolve(
				{ filter: /^[^./]/, namespace: 'file' },
				({ path, resolveDir, importer, pluginData }) => {
					if (pluginData === 'carry' || isBuiltin(path)) return undefined;
					const name = importedPackage(path);
					if (name === 'bindings' && !isPackageFile(importer)) {
						return {
							errors: [
								{ text: `bindings finds no addon ${cannotCarry}: require the .node file by its path` },
							],
						};
					}
					const dir = name === undefined ? undefined : findPackage(name, resolveDir);
					if (dir === undefined || !isNative(dir)) return undefined;
					return { path: `${dir}\n${path}\n${resolveDir}`, namespace: 'native' };
				},
			);
			build.onLoad({ filter: /.*/, namespace: 'native' }, async ({ path }) => {
				const [dir = '', specifier = '', resolveDir = ''] = path.split('\n');
				const options = {
					resolveDir,
					importer: join(resolveDir, 'x.js'),
					namespace: 'file',
					pluginData: 'carry',
				} as const;
				let found = await build.resolve(specifier, { ...options, kind: 'require-call' });
				if (found.errors.length > 0)
					found = await build.resolve(specifier, { ...options, kind: 'import-statement' });
				if (found.errors.length > 0) return { errors: found.errors };
				carried.nativePackages.add(dir);
				const fault = carry(() => carried.addPackage(dir), `the package ${packageNameOf(join(dir, 'x'))}`);
				if (fault) return { errors: [fault] };
				return requiring(carried.nameOf(found.path));
			});
			build.onLoad({ filter: /\.node$/ }, ({ path }) => {
				if (isPackageFile(path)) {
					const dir = packageFolder(path);
					if (!natives.has(dir)) {
						natives.add(dir);
						// Bundled anew, with the whole package outside: this output is thrown away.
						return { contents: '', loader: 'js' };
					}
				}
				const fault = carry(() => carried.add(path), `the addon ${shownPath(path)}`);
				return fault ? { errors: [fault] } : requiring(carried.nameOf(path));
			});
			build.onLoad({ filter: code, namespace: 'file' }, async ({ path }) => {
				const source = withoutMark(await readFile(path, 'utf8'));
				const assets = [...findAssets(path, source), ...addonFolders(path, source)];
				const errors = assets.flatMap((asset) => faultOf(carried, path, source, asset));
				if (errors.length > 0) return { errors };
				return { contents: placed(carried, path, source, assets.length > 0), loader: loaderOf(path) };
			});
		},
	};
}

/** Folders of addons that a source of the plugin itself has found by node-gyp-build: those that it would look for in its package. */
function addonFolders(path: string, source: string): AssetReference[] {
	const match = /['"]node-gyp-build(-optional-packages)?['"]/.exec(source);
	if (!match || isPackageFile(path)) return [];
	let folder = dirname(path);
	while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
	const line = source.slice(0, match.index).split('\n').length;
	return ['prebuilds', 'build/Release']
		.filter((name) => existsSync(join(folder, name)))
		.map((name) => ({ path: join(folder, name), isFolder: true, name, line, column: 1 }));
}

/** A module that is what a file beside the bundle exports. */
function requiring(name: string): OnLoadResult {
	return { contents: `module.exports = require(__files_dir + ${JSON.stringify(name)});`, loader: 'js' };
}

function faultOf(
	carried: CarriedFiles,
	source: string,
	text: string,
	{ path, line, column, name }: AssetReference,
): PartialMessage[] {
	const lineText = text.split('\n')[line - 1] ?? '';
	// The compiler counts bytes.
	const at = { file: source, line, column: Buffer.byteLength(lineText.slice(0, column - 1)), lineText };
	if (/\.([cm]?tsx?|jsx)$/.test(path)) {
		return [
			{
				text: `${name} is code of its own, and has to be compiled to lie ${cannotCarry}`,
				location: at,
			},
		];
	}
	// The two have to lie to each other in the tree as they do here.
	const there = resolve('/', dirname(carried.nameOf(source)), relativeName(source, path));
	if (there !== resolve('/', carried.nameOf(path))) {
		const text = `${name} lies outside of the folder that ${ownerOf(source)} is in, and cannot lie ${cannotCarry}`;
		return [{ text, location: at }];
	}
	// Code of a package may need more of the package.
	const isCode = code.test(path) && isPackageFile(path);
	const take = () => (isCode ? carried.addPackage(packageFolder(path)) : carried.add(path));
	const fault = carry(take, `${name}, which ${ownerOf(source)} reads when it runs,`);
	return fault ? [{ ...fault, location: at }] : [];
}

function relativeName(source: string, path: string): string {
	const from = dirname(source).split('/');
	const to = path.split('/');
	let same = 0;
	while (same < from.length && from[same] === to[same]) same++;
	return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/');
}

/** The fault of what cannot be carried. */
function carry(work: () => void, what: string): PartialMessage | undefined {
	try {
		work();
		return undefined;
	} catch (error) {
		return { text: `${what} cannot lie ${cannotCarry}: it ${(error as Error).message}` };
	}
}

function placed(carried: CarriedFiles, path: string, text: string, hasAssets: boolean): string {
	// A hashbang that ends in a carriage return is none to the compiler.
	let source = text.replace(/^(#!.*)\r\n/, '$1\n');
	if (!ownPlace.test(source)) return source;
	const name = JSON.stringify(carried.nameOf(path));
	const folder = JSON.stringify(dirname(carried.nameOf(path)));
	const [url, file, dir] = hasAssets
		? [`__files_url+${name}`, `__files_dir+${name}`, `__files_dir+${folder}`]
		: ['__bundle_url', '__bundle_filename', '__bundle_dirname'];
	let constants = '';
	if (source.includes('import.meta')) {
		constants += `const __place_url=${url},__place_filename=${file},__place_dirname=${dir};`;
		if (hasAssets) {
			source = source.replace(
				/\bimport\.meta\.resolve\(\s*(['"`]\.{1,2}\/)/g,
				'(name=>new URL(name,import.meta.url).href)($1',
			);
		}
	}
	if (/\b__dirname\b|\b__filename\b/.test(source)) constants += `var __file_name=${file},__file_dir=${dir};`;
	// On the first line, behind a hashbang, so that line numbers stay.
	return source.replace(/^(#!.*\n)?/, (hashbang) => hashbang + constants);
}

function packageFolder(path: string): string {
	const name = packageNameOf(path);
	return path.slice(0, path.lastIndexOf(`/node_modules/${name}/`) + `/node_modules/${name}`.length);
}

function ownerOf(path: string): string {
	return isPackageFile(path) ? `the package ${packageNameOf(path)}` : 'the plugin';
}
