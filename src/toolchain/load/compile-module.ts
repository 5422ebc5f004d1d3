import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildResult } from 'esbuild';
import { onDeno } from '../../runtime/platform/on-deno.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { builtinsByFullName } from '../compile/builtin-modules.ts';
import { commonJsOutside, type OutsideImport } from '../compile/commonjs-outside.ts';
import { faultsOf, withFaults } from '../compile/compiler-fault.ts';
import { compilerOptions } from '../compile/compiler-options.ts';
import { loadCompiler } from '../compile/load-compiler.ts';
import { ownPlaces, placeNames } from '../compile/own-places.ts';
import { runtimeOutside } from '../compile/own-runtime.ts';
import { zodLocalesOutside } from '../compile/zod-locales.ts';
import { installedModule, toolchainVersion } from '../installation.ts';
import { shownPath } from '../shown-path.ts';
import { realPathOf } from './file-stamp.ts';
import { type CompiledCode, ModuleCache } from './module-cache.ts';
import { pathsOf, recordSources, sourcePaths } from './source-record.ts';
import { writeTemporaryModule } from './temporary-module.ts';

/** Grows when the same sources are to be compiled into something else. */
const formatVersion = 4;

/** Key of everything that the compiled code depends on besides its sources. File times have another grain on Deno. */
function cacheKey(): string {
	const runtime = onDeno ? 'deno' : 'node';
	return `${formatVersion} ${toolchainVersion()} ${installedModule('runtime/index')} ${runtime}`;
}

/** Says also whether there is a default export: an error about it tells one case from the other. */
function entryCode(module: string): string {
	return `import * as module from ${JSON.stringify(module)};\nexport default module.default;\nexport const hasDefault = 'default' in module;\n`;
}

/**
 * Compiles a plugin's module, TypeScript or not, with what it imports of its own into one file that Node and Deno can import,
 * and returns that file. Compiled once until anything on disk changes that it depends on.
 *
 * @param entry the module; absolute
 * @throws OrchestraError `plugin_load_failed` with the place of each fault
 */
export async function compileModule(entry: string): Promise<string> {
	return (await compileWithSources(entry)).file;
}

/** A compiled module, and what it depends on. */
export interface CompiledModule {
	/** File that Node and Deno can import. */
	readonly file: string;
	/** Paths of everything on disk that it depends on, present or not. */
	readonly paths: readonly string[];
}

/** Compiles as {@link compileModule} does, for those who compile again when something has changed. @throws OrchestraError as that */
export async function compileWithSources(entry: string): Promise<CompiledModule> {
	const module = realPathOf(entry) || entry;
	const cache = new ModuleCache(module, cacheKey());
	const cached = cache.get();
	if (cached) return cached;
	const startedAt = Date.now();
	const outside: OutsideImport[] = [];
	const result = await compile(module, outside);
	const compiled = outputOf(module, result);
	const sources = recordSources(result.metafile, dirname(module), outside, startedAt);
	const file = (sources && cache.put(compiled, sources)) ?? writeTemporaryModule(entry, compiled);
	return { file, paths: sources ? pathsOf(sources) : sourcePaths(result.metafile, dirname(module), outside) };
}

/** The compiled file of a module that was compiled before and is still as it was; undefined for others. Nothing is written. */
export function compiledBefore(entry: string): string | undefined {
	return new ModuleCache(realPathOf(entry) || entry, cacheKey(), { readOnly: true }).get()?.file;
}

async function compile(module: string, outside: OutsideImport[]) {
	const { build } = await loadCompiler();
	const folder = dirname(module);
	const from = JSON.stringify(pathToFileURL(module).href);
	try {
		return await build({
			...compilerOptions({ module, code: entryCode }),
			outdir: folder,
			entryNames: 'compiled',
			sourcemap: 'external',
			sourcesContent: false,
			// A require that could not be resolved looks from the plugin, wherever the compiled file lies.
			// The name is one that neither a bundle of ours nor dist/ has.
			banner: {
				js: `import { createRequire as __pluginRequire } from 'node:module';const require = __pluginRequire(${from});`,
			},
			define: placeNames,
			plugins: [runtimeOutside, builtinsByFullName, commonJsOutside(outside), zodLocalesOutside, ownPlaces],
		});
	} catch (error) {
		const faults = faultsOf(error, folder);
		if (!faults) throw error;
		throw new OrchestraError(
			'plugin_load_failed',
			withFaults(`${shownPath(module)} does not compile`, faults),
			{
				hint: 'Mend the source, or install what it imports.',
				details: { path: module, faults: faults.map((fault) => ({ ...fault })) },
				cause: error,
			},
		);
	}
}

/** The code, and its source map with the sources as URLs: the compiled file lies elsewhere. */
function outputOf(module: string, { outputFiles = [] }: BuildResult<{ write: false }>): CompiledCode {
	const folder = dirname(module);
	const code = outputFiles.find(({ path }) => path.endsWith('.js'))?.contents;
	const map = outputFiles.find(({ path }) => path.endsWith('.map'))?.text;
	if (!code || map === undefined)
		throw new OrchestraError('internal', `esbuild gave no output for ${module}`);
	const parsed = JSON.parse(map) as { sources: string[] };
	parsed.sources = parsed.sources.map((source) => pathToFileURL(resolve(folder, source)).href);
	return { code, map: JSON.stringify(parsed) };
}
