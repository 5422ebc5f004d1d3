import { join, relative, resolve } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { targetLine } from '../built-for.ts';
import { builtinsByFullName } from '../compile/builtin-modules.ts';
import { type CompilerFault, faultOf, faultsOf } from '../compile/compiler-fault.ts';
import { compilerOptions } from '../compile/compiler-options.ts';
import { loadCompiler } from '../compile/load-compiler.ts';
import { runtimeInside } from '../compile/own-runtime.ts';
import { isPackageFile, packageNameOf } from '../compile/package-files.ts';
import type { RuntimeName } from '../find-runtime.ts';
import { sourcePaths } from '../load/source-record.ts';
import { buildFailed } from './build-failed.ts';
import { type CarriedFile, CarriedFiles } from './carry/carried-files.ts';
import { cannotCarry, carriedPlaceNames, carryFiles, placeBanner } from './carry/carry-plugin.ts';
import { denoGlobalFaults } from './deno-globals.ts';
import { denoImports } from './deno-imports.ts';
import type { PluginProject } from './project.ts';
import { stableSourceMap, withStablePaths } from './stable-paths.ts';

/** The whole of a bundle's own code: the rest is the plugin, its packages and the runtime. */
const entryCode = (module: string) => `import * as module from ${JSON.stringify(module)};
import { isPlugin, runIfMain } from 'orchestra-toolchain';
export * from ${JSON.stringify(module)};
const pluginIn = (exported) =>
	isPlugin(exported) ? exported :
	exported?.__esModule === true ? pluginIn(exported.default) :
	typeof exported?.build === 'function' ? exported.build() : exported;
const plugin = pluginIn(module.default);
export default plugin;
runIfMain(plugin, import.meta);
`;

/** Options of bundling code. */
export interface BundleOptions {
	/** Path that it is going to have; absolute. */
	readonly out: string;
	readonly minify: boolean;
	/** The only runtime that it has to run on. Default: it runs on both. */
	readonly target?: RuntimeName | undefined;
}

/** A plugin with all that it needs, in one module. */
export interface BundledCode {
	readonly code: string;
	/** Its source map, with everything in it; paths are stable, and the plugin's own relative to its project. */
	readonly map: string;
	/** The files that went into it; absolute. */
	readonly inputs: readonly string[];
	/** Files that have to lie beside it, in a folder of its own name: `ID.files` beside `ID.mjs`. */
	readonly carried: readonly CarriedFile[];
	/** Packages with a native part that are among that. */
	readonly nativePackages: readonly string[];
	/** Everything on disk that it depends on, present or not; absolute. */
	readonly paths: readonly string[];
	/** Warnings of the bundler. */
	readonly warnings: readonly CompilerFault[];
}

/**
 * Bundles a plugin, its packages and the runtime into one ES module that needs no other file. What is imported lazily is
 * evaluated lazily. The same sources give the same bytes, wherever they lie.
 *
 * @throws OrchestraError `build_failed` with the place of each fault
 */
export async function bundleCode(project: PluginProject, options: BundleOptions): Promise<BundledCode> {
	const { build, transform } = await loadCompiler();
	const folder = project.dir;
	const natives = new Set<string>();
	try {
		let carried: CarriedFiles;
		let result: Awaited<ReturnType<typeof build<ReturnType<typeof buildOptions>>>>;
		let known: number;
		// That a package has a native part may show only when it is read: it is left outside then, which takes another round.
		do {
			known = natives.size;
			carried = new CarriedFiles(folder, options.out);
			result = await build({
				...buildOptions(project, carried, natives, options.target),
				minify: options.minify,
			});
		} while (natives.size > known);
		const wrong = options.target === 'node' ? await denoGlobalFaults(result.metafile, folder, transform) : [];
		if (wrong.length > 0) {
			throw buildFailed(
				`the plugin in ${shownFolder(folder)} does not run on Node`,
				wrong,
				"Use Node's modules, such as node:fs and node:process, which Deno has too; or ask first, with typeof Deno; or build it with --target deno.",
			);
		}
		const inputs = Object.keys(result.metafile.inputs);
		const textOf = (end: string) => result.outputFiles.find(({ path }) => path.endsWith(end))?.text;
		const code = textOf('.mjs');
		const map = textOf('.map');
		if (code === undefined || map === undefined)
			throw new OrchestraError('internal', 'esbuild gave no output');
		return {
			code: withStablePaths(code, inputs, folder),
			map: stableSourceMap(map, folder, folder),
			inputs: inputs.map((path) => resolve(folder, path)),
			carried: carried.read(),
			nativePackages: [...carried.nativePackages]
				.map((dir) => packageNameOf(join(dir, 'package.json')))
				.sort(),
			paths: [
				...sourcePaths(result.metafile, folder, []),
				...carried.paths.filter((path) => !isPackageFile(path)),
			],
			warnings: result.warnings.map((message) => faultOf(message, folder)),
		};
	} catch (error) {
		const faults = faultsOf(error, folder);
		if (!faults) throw error;
		throw buildFailed(`the plugin in ${shownFolder(folder)} cannot be bundled`, faults, hintFor(faults));
	}
}

function shownFolder(folder: string): string {
	return relative(process.cwd(), folder) || 'this folder';
}

function hintFor(faults: readonly CompilerFault[]): string {
	return faults.some(({ text }) => text.includes(cannotCarry))
		? 'Put what is read into the folder of what reads it; or run the plugin from its folder with orchestra serve, where everything is.'
		: 'Mend the source, or install what it imports.';
}

function buildOptions(
	project: PluginProject,
	carried: CarriedFiles,
	natives: Set<string>,
	target: RuntimeName | undefined,
) {
	return {
		...compilerOptions({ module: project.entry, code: entryCode }),
		absWorkingDir: project.dir,
		// Never written: it only says what the paths of the source map are relative to.
		outfile: join(project.dir, 'plugin.mjs'),
		sourcemap: 'external',
		banner: { js: banner(project, target) },
		// Packages may have other files for Deno; what runs on both takes those for Node.
		conditions: target === 'deno' ? ['deno'] : [],
		define: carriedPlaceNames,
		plugins: [runtimeInside(), builtinsByFullName, denoImports(project), carryFiles(carried, natives)],
	} as const satisfies BuildOptions;
}

/** Keeps stdout for what `--manifest` prints, as keepStdoutForManifest() does, before any code of the plugin runs. */
const manifestGuard = `if (process.argv.includes('--manifest') && (import.meta.main ?? require('node:fs').realpathSync(process.argv[1] ?? '.') === import.meta.filename)) {
	globalThis[Symbol.for('orchestra.manifest-output')] = process.stdout.write.bind(process.stdout);
	process.stdout.write = process.stderr.write.bind(process.stderr);
	if ('Deno' in globalThis) console.log = console.info = console.debug = console.error;
}`;

/** Makes the file a program by itself, and gives CommonJS packages the `require` that they load Node's own modules with. */
function banner({ forDeno }: PluginProject, target: RuntimeName | undefined): string {
	const isForDeno = target === undefined ? forDeno : target === 'deno';
	const interpreter = isForDeno ? 'env -S deno run -A' : 'env node';
	return (
		`#!/usr/bin/${interpreter}\n` +
		(target === undefined ? '' : `${targetLine(target)}\n`) +
		"import { createRequire as __createRequire } from 'node:module';\n" +
		'const require = __createRequire(import.meta.url);\n' +
		`${placeBanner}\n` +
		manifestGuard
	);
}
