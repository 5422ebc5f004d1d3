import { join, relative, resolve } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { builtinsByFullName } from '../compile/builtin-modules.ts';
import { compilerOptions } from '../compile/compiler-options.ts';
import { type Fault, faultOf, faultsOf } from '../compile/fault.ts';
import { loadCompiler } from '../compile/load-compiler.ts';
import { runtimeInside } from '../compile/own-runtime.ts';
import { sourcePaths } from '../load/source-record.ts';
import { buildFailed } from './build-failed.ts';
import { missingFiles, nativeAddon } from './missing-files.ts';
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

/** How code is bundled. */
export interface BundleOptions {
	readonly minify: boolean;
}

/** A plugin with all that it needs, in one module. */
export interface BundledCode {
	readonly code: string;
	/** Its source map, with everything in it; paths are stable, and the plugin's own relative to its project. */
	readonly map: string;
	/** The files that went into it; absolute. */
	readonly inputs: readonly string[];
	/** Everything on disk that it depends on, present or not; absolute. */
	readonly paths: readonly string[];
	/** What the bundler found odd. */
	readonly warnings: readonly Fault[];
}

/**
 * Bundles a plugin, its packages and the runtime into one ES module that needs no other file. What is imported lazily is
 * evaluated lazily. The same sources give the same bytes, wherever they lie.
 *
 * @throws OrchestraError `build_failed` with the place of each fault
 */
export async function bundleCode(project: PluginProject, options: BundleOptions): Promise<BundledCode> {
	const { build } = await loadCompiler();
	const folder = project.dir;
	const missing: Fault[] = [];
	try {
		const result = await build({ ...buildOptions(project, missing), minify: options.minify });
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
			paths: sourcePaths(result.metafile, folder, []),
			warnings: [...result.warnings.map((message) => faultOf(message, folder)), ...missing],
		};
	} catch (error) {
		const faults = faultsOf(error, folder);
		if (!faults) throw error;
		const where = relative(process.cwd(), folder) || 'this folder';
		throw buildFailed(`the plugin in ${where} cannot be bundled`, faults, hintFor(faults));
	}
}

function hintFor(faults: readonly Fault[]): string {
	return faults.some(({ text }) => text.includes(nativeAddon))
		? 'Run the plugin from its folder with orchestra serve, where its packages are installed.'
		: 'Mend the source, or install what it imports.';
}

function buildOptions(project: PluginProject, missing: Fault[]) {
	return {
		...compilerOptions({ module: project.entry, code: entryCode }),
		absWorkingDir: project.dir,
		// Never written: it only says what the paths of the source map are relative to.
		outfile: join(project.dir, 'plugin.mjs'),
		sourcemap: 'external',
		banner: { js: banner(project) },
		// CommonJS packages know where they lie by these.
		define: { __filename: 'import.meta.filename', __dirname: 'import.meta.dirname' },
		plugins: [runtimeInside(), builtinsByFullName, missingFiles(missing)],
	} as const satisfies BuildOptions;
}

/** Keeps stdout for what `--manifest` prints, as keepStdoutForManifest() does, before any code of the plugin runs. */
const manifestGuard = `if (process.argv.includes('--manifest') && (import.meta.main ?? require('node:fs').realpathSync(process.argv[1] ?? '.') === import.meta.filename)) {
	globalThis[Symbol.for('orchestra.manifest-output')] = process.stdout.write.bind(process.stdout);
	process.stdout.write = process.stderr.write.bind(process.stderr);
	if ('Deno' in globalThis) console.log = console.info = console.debug = console.error;
}`;

/** Makes the file a program by itself, and gives CommonJS packages the `require` that they load Node's own modules with. */
function banner({ forDeno }: PluginProject): string {
	const interpreter = forDeno ? 'env -S deno run -A' : 'env node';
	return (
		`#!/usr/bin/${interpreter}\n` +
		"import { createRequire as __createRequire } from 'node:module';\n" +
		'const require = __createRequire(import.meta.url);\n' +
		manifestGuard
	);
}
