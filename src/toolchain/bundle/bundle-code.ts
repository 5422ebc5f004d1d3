import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { BuildFailure, BuildOptions, Message, Plugin } from 'esbuild';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { installedModule, ownModule } from '../installation.ts';
import { buildFailed, type Fault } from './fault.ts';
import type { PluginProject } from './project.ts';
import { stableSourceMap, withStablePaths } from './stable-paths.ts';

/** The package that plugins import, and how the entry of a bundle calls the plugin's own module. */
const packageName = 'orchestra-toolchain';
const pluginModule = 'orchestra:plugin';

/** QUIC's package has a native part, which no bundle can hold. */
const nativePackage = /^@matrixai\/quic(\/|$)/;

/** Imports a package when it is needed, and in a way that no bundler looks for it when it reads the bundle in its turn. */
function importLater(path: string): string {
	return `const found = await import(${JSON.stringify(path.split('/'))}.join('/'));\nexport default found.default;\n`;
}

const builtins = new Set(builtinModules);

/** The whole of a bundle's own code: the rest is the plugin, its packages and the runtime. */
const entryCode = `import * as module from '${pluginModule}';
import { isPlugin, runIfMain } from '${packageName}';
export * from '${pluginModule}';
const exported = module.default;
const plugin = !isPlugin(exported) && typeof exported?.build === 'function' ? exported.build() : exported;
export default plugin;
runIfMain(plugin, import.meta);
`;

/** How code is bundled. */
export interface BundleOptions {
	readonly minify: boolean;
	readonly sourceMap: boolean;
}

/** A plugin with all that it needs, in one module. */
export interface BundledCode {
	readonly code: string;
	readonly map: string | undefined;
	/** The files that went into it; absolute. */
	readonly inputs: readonly string[];
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
	const { build } = await import('esbuild');
	try {
		const result = await build({ ...buildOptions(project), minify: options.minify });
		const inputs = Object.keys(result.metafile.inputs);
		const textOf = (end: string) => result.outputFiles.find(({ path }) => path.endsWith(end))?.text;
		const code = textOf('.mjs');
		const map = textOf('.map');
		if (code === undefined || map === undefined)
			throw new OrchestraError('internal', 'esbuild gave no output');
		return {
			code: withStablePaths(code, inputs, project.dir),
			map: options.sourceMap ? stableSourceMap(map, project.dir, project.dir) : undefined,
			inputs: inputs.map((path) => resolve(project.dir, path)),
			warnings: result.warnings.map((message) => toFault(message, project.dir)),
		};
	} catch (error) {
		const { errors } = error as BuildFailure;
		if (!Array.isArray(errors)) throw error;
		const where = relative(process.cwd(), project.dir) || 'this folder';
		throw buildFailed(
			`the plugin in ${where} cannot be bundled`,
			errors.map((message) => toFault(message, project.dir)),
			'Mend the source, or install what it imports.',
		);
	}
}

function buildOptions(project: PluginProject) {
	return {
		stdin: { contents: entryCode, resolveDir: project.dir, sourcefile: 'orchestra-entry.js' },
		absWorkingDir: project.dir,
		// Never written: it only says what the paths of the source map are relative to.
		outfile: join(project.dir, 'plugin.mjs'),
		bundle: true,
		write: false,
		metafile: true,
		platform: 'node',
		format: 'esm',
		target: 'node20.19',
		charset: 'utf8',
		sourcemap: 'external',
		logLevel: 'silent',
		banner: { js: banner(project) },
		// CommonJS packages know where they lie by these.
		define: { __filename: 'import.meta.filename', __dirname: 'import.meta.dirname' },
		plugins: [resolveForBundle(project.entry)],
	} as const satisfies BuildOptions;
}

/** Makes the file a program by itself, and gives CommonJS packages the `require` that they load Node's own modules with. */
function banner({ forDeno }: PluginProject): string {
	const interpreter = forDeno ? 'env -S deno run -A' : 'env node';
	return (
		`#!/usr/bin/${interpreter}\n` +
		"import { createRequire as __createRequire } from 'node:module';\n" +
		'const require = __createRequire(import.meta.url);'
	);
}

function resolveForBundle(entry: string): Plugin {
	const ownFolder = dirname(dirname(installedModule('runtime/index'))) + sep;
	return {
		name: 'resolve-for-bundle',
		setup(build) {
			build.onResolve({ filter: /^orchestra:plugin$/ }, () => ({ path: entry }));
			// This installation's runtime, whatever the plugin's own folder has: the two belong together.
			build.onResolve({ filter: /^orchestra-toolchain(\/|$)/ }, ({ path }) => {
				const own = ownModule(path);
				return own ? { path: own, sideEffects: false } : undefined;
			});
			// Found here, so that no tsconfig.json around a linked checkout changes how the runtime is compiled.
			build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, importer }) =>
				importer.startsWith(ownFolder) ? { path: resolve(resolveDir, path) } : undefined,
			);
			build.onResolve({ filter: nativePackage }, ({ path }) => ({ path, namespace: 'later' }));
			build.onLoad({ filter: nativePackage, namespace: 'later' }, ({ path }) => ({
				contents: importLater(path),
			}));
			// Deno knows Node's modules by their full names only.
			build.onResolve({ filter: /^[a-z]/ }, ({ path }) =>
				builtins.has(path) ? { path: `node:${path}`, external: true } : undefined,
			);
		},
	};
}

function toFault({ location, text }: Message, projectDir: string): Fault {
	if (!location) return { text };
	const file = relative(process.cwd(), resolve(projectDir, location.file));
	return { file, line: location.line, column: location.column + 1, text };
}
