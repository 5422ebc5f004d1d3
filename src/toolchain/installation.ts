import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** The folder of this installation: the one with package.json and templates/. */
export const toolchainRoot = findRoot(here);

/** Whether the sources run as they are (in tests), from src/; everywhere else dist/ runs. */
const fromSource = here.startsWith(join(toolchainRoot, 'src'));

// Looked for, not counted: the build puts this module into a file of another depth.
function findRoot(start: string): string {
	for (let folder = start; ; folder = dirname(folder)) {
		if (existsSync(join(folder, 'package.json'))) return folder;
		if (folder !== dirname(folder)) continue;
		throw new OrchestraError('internal', `there is no package.json of orchestra-toolchain above ${start}`, {
			hint: 'Leave the package out of what is bundled, and install it beside that.',
		});
	}
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

/** Entries that programs import, by the part behind the name of the package: their modules. package.json says the same in `exports`. */
export const ownEntries = {
	'': 'runtime/index',
	'/client': 'runtime/client',
	'/host': 'runtime/host',
	'/seams': 'runtime/seams',
	'/storage': 'runtime/storage/index',
	'/go-plugin': 'runtime/go-plugin',
	'/mcp': 'runtime/mcp',
	'/testing': 'testing/index',
} as const;

/** The modules that {@link installedModule} finds. */
export type EntryModule =
	| (typeof ownEntries)[keyof typeof ownEntries]
	| typeof workerModule
	| 'toolchain/load/module-program'
	| 'toolchain/bundle/describe-program';

/** The file that an import of this package means; undefined for another import. */
export function ownModule(specifier: string): string | undefined {
	if (!specifier.startsWith('orchestra-toolchain')) return undefined;
	const entry = specifier.slice('orchestra-toolchain'.length);
	return Object.hasOwn(ownEntries, entry)
		? installedModule(ownEntries[entry as keyof typeof ownEntries])
		: undefined;
}
