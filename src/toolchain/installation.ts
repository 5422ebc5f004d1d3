import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** The folder of this installation: the one with package.json and templates/. */
export const toolchainRoot = findRoot(here);

/** Where the modules are: src/ where the sources run as they are (in tests), dist/ everywhere else. */
const fromSource = here.startsWith(join(toolchainRoot, 'src'));

// Looked for, not counted: the build puts this module into a file of another depth.
function findRoot(start: string): string {
	let folder = start;
	while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
	return folder;
}

let version: string | undefined;

/** The version of this installation, from its package.json. */
export function toolchainVersion(): string {
	version ??= (JSON.parse(readFileSync(join(toolchainRoot, 'package.json'), 'utf8')) as { version: string })
		.version;
	return version;
}

/**
 * The file of a module that is run or imported on its own, by its place under src/ without the extension. Each one is an entry
 * point of scripts/build.mjs.
 */
export function installedModule(name: EntryModule): string {
	if (fromSource) return join(toolchainRoot, 'src', `${name}.ts`);
	return join(toolchainRoot, 'dist', `${name}.${name === workerModule ? 'cjs' : 'js'}`);
}

const workerModule = 'runtime/hosting/containment/event-loop-watch-worker';

/** The modules that {@link installedModule} finds. */
export type EntryModule =
	| 'runtime/index'
	| 'runtime/host'
	| 'runtime/seams'
	| 'runtime/storage/index'
	| 'runtime/go-plugin'
	| 'testing/index'
	| typeof workerModule
	| 'toolchain/load/plugin-process'
	| 'toolchain/bundle/describe-program';

/** The file that an import of this package means, by the `exports` of its package.json; undefined for another import. */
export function ownModule(specifier: string): string | undefined {
	if (specifier === 'orchestra-toolchain') return installedModule('runtime/index');
	if (specifier === 'orchestra-toolchain/host') return installedModule('runtime/host');
	if (specifier === 'orchestra-toolchain/seams') return installedModule('runtime/seams');
	if (specifier === 'orchestra-toolchain/storage') return installedModule('runtime/storage/index');
	if (specifier === 'orchestra-toolchain/go-plugin') return installedModule('runtime/go-plugin');
	if (specifier === 'orchestra-toolchain/testing') return installedModule('testing/index');
	return undefined;
}
