import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isObject } from '../../../runtime/wire/json-value.ts';
import { readText } from '../../compile/package-files.ts';

/** Packages by which others find their native part when they run. */
const loaders = new Set([
	'bindings',
	'node-gyp-build',
	'node-gyp-build-optional-packages',
	'node-pre-gyp',
	'@mapbox/node-pre-gyp',
	'prebuild-install',
	'pkg-prebuilds',
	'@neon-rs/load',
]);

/** The name of a package that is for one platform. */
const forPlatform =
	/[-/](linux|linuxmusl|darwin|win32|freebsd|android)-?(x64|arm64|arm|ia32|universal|ppc64|s390x|riscv64)\b/;

/** Fields of a package.json that count here. */
interface PackageDocument {
	readonly gypfile?: unknown;
	readonly binary?: unknown;
	readonly napi?: unknown;
	readonly dependencies?: Readonly<Record<string, string>>;
	readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Whether a package has a native part that it looks for beside its own files when it runs. @param dir its folder */
export function isNativePackage(dir: string): boolean {
	const document = readDocument(dir);
	if (!document) return false;
	const { gypfile, binary, napi, dependencies = {}, optionalDependencies = {} } = document;
	if (gypfile === true || isObject(binary) || isObject(napi)) return true;
	if (Object.keys(dependencies).some((name) => loaders.has(name))) return true;
	if (Object.keys(optionalDependencies).some((name) => forPlatform.test(name))) return true;
	return existsSync(join(dir, 'binding.gyp')) || existsSync(join(dir, 'prebuilds')) || hasAddon(dir);
}

/** The folder of an installed package as a file in a folder finds it; without links. Undefined where there is none. */
export function findPackage(name: string, from: string): string | undefined {
	for (let folder = from; ; folder = dirname(folder)) {
		const dir = join(folder, 'node_modules', name);
		if (existsSync(join(dir, 'package.json'))) return realpathSync(dir);
		if (dirname(folder) === folder) return undefined;
	}
}

/** A package with everything that it may load when it runs and that is installed; their folders. */
export function withDependencies(dir: string): string[] {
	const found = new Set<string>();
	const add = (folder: string) => {
		if (found.has(folder)) return;
		found.add(folder);
		const { dependencies = {}, optionalDependencies = {} } = readDocument(folder) ?? {};
		for (const name of Object.keys({ ...dependencies, ...optionalDependencies }).sort()) {
			const other = findPackage(name, folder);
			if (other !== undefined) add(other);
		}
	};
	add(dir);
	return [...found];
}

function hasAddon(dir: string): boolean {
	try {
		return [dir, join(dir, 'build', 'Release')].some(
			(folder) => existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.node')),
		);
	} catch {
		return false;
	}
}

function readDocument(dir: string): PackageDocument | undefined {
	try {
		const document: unknown = JSON.parse(readText(join(dir, 'package.json')));
		return isObject(document) ? document : undefined;
	} catch {
		return undefined; // The compiler says what is wrong with it.
	}
}
