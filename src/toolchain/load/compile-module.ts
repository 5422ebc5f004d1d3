import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildFailure, Loader, Message, Plugin } from 'esbuild';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { installedModule, ownModule, toolchainVersion } from '../installation.ts';
import { ModuleCache } from './module-cache.ts';

/** What `orchestra-toolchain` means: compiled plugins get it from this very installation, so they need none of their own. */
const runtimeEntry = pathToFileURL(installedModule('runtime/index'));

const sourceFiles = /\.[cm]?[jt]sx?$/;

/**
 * Takes in packages that are ES modules, which saves finding and reading their many files at every start. CommonJS packages
 * stay outside, since they may look for files and binaries of their own: the compiled module imports them by file URL, from
 * where the plugin's own folder finds them, so it may lie anywhere itself.
 */
const packages: Plugin = {
	name: 'packages',
	setup(build) {
		build.onResolve({ filter: /^[^./]/ }, async (args) => {
			if (args.pluginData === packages || args.kind === 'entry-point') return undefined;
			if (isAbsolute(args.path) || args.path.startsWith('node:')) return undefined;
			const own = ownModule(args.path);
			if (own) return { path: pathToFileURL(own).href, external: true };
			const found = await build.resolve(args.path, {
				kind: args.kind,
				importer: args.importer,
				resolveDir: args.resolveDir,
				pluginData: packages,
			});
			if (found.errors.length > 0 || found.external || isEsModule(found.path)) return found;
			return { path: pathToFileURL(found.path).href, external: true };
		});
	},
};

/** Whether Node would take a file for an ES module; TypeScript counts, since only esbuild can read it. */
function isEsModule(path: string): boolean {
	if (/\.(mjs|[cm]?tsx?)$/.test(path)) return true;
	if (!/\.jsx?$/.test(path)) return false;
	for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
		const file = join(folder, 'package.json');
		if (existsSync(file))
			return (JSON.parse(readFileSync(file, 'utf8')) as { type?: string }).type === 'module';
	}
	return false;
}

/** What of `import.meta` tells a module where it lies. */
const metaNames = {
	'import.meta.url': '__meta_url',
	'import.meta.filename': '__meta_filename',
	'import.meta.dirname': '__meta_dirname',
};

/** Gives each source file its own `import.meta.url`, `filename` and `dirname`, as if it had not been bundled. */
const ownMetaUrl: Plugin = {
	name: 'own-meta-url',
	setup(build) {
		build.onLoad({ filter: sourceFiles }, async ({ path }) => {
			const source = await readFile(path, 'utf8');
			const loader = path.replace(/^.*\.[cm]?/, '') as Loader;
			if (!source.includes('import.meta')) return { contents: source, loader };
			const values = [pathToFileURL(path).href, path, dirname(path)].map((value) => JSON.stringify(value));
			const [url, filename, folder] = values;
			const constants = `const __meta_url=${url},__meta_filename=${filename},__meta_dirname=${folder};`;
			// On the first line, behind a hashbang, so that line numbers stay.
			const contents = source.replace(/^(#!.*\n)?/, (hashbang) => `${hashbang}${constants}`);
			return { contents, loader };
		});
	},
};

function describe(message: Message): string {
	const { location } = message;
	return location
		? `${location.file}:${location.line}:${location.column + 1}: ${message.text}`
		: message.text;
}

/**
 * Compiles a plugin's module, TypeScript or not, with what it imports of its own into one file that Node can import, and
 * returns that file. Compiled once until a source changes.
 *
 * @throws OrchestraError `plugin_load_failed` with the place of each fault
 */
export async function compileModule(entry: string): Promise<string> {
	const cache = new ModuleCache(entry, `${toolchainVersion()} ${runtimeEntry.href}`);
	const cached = cache.get();
	if (cached) return cached;
	const { build } = await import('esbuild');
	try {
		const result = await build({
			entryPoints: [entry],
			absWorkingDir: dirname(entry),
			bundle: true,
			write: false,
			metafile: true,
			platform: 'node',
			format: 'esm',
			target: 'node20',
			sourcemap: 'inline',
			sourcesContent: false,
			sourceRoot: pathToFileURL(`${dirname(entry)}/`).href,
			logLevel: 'silent',
			define: metaNames,
			plugins: [packages, ownMetaUrl],
		});
		const [output] = result.outputFiles;
		if (!output) throw new OrchestraError('internal', `esbuild gave no output for ${entry}`);
		const inputs = Object.keys(result.metafile.inputs).map((path) => resolve(dirname(entry), path));
		return cache.put(output.contents, inputs);
	} catch (error) {
		const { errors } = error as BuildFailure;
		if (!Array.isArray(errors)) throw error;
		const faults = errors.map(describe);
		throw new OrchestraError('plugin_load_failed', `${entry} does not compile: ${faults.join('; ')}`, {
			hint: 'Mend the source, or install what it imports.',
			details: { path: entry, faults },
			cause: error,
		});
	}
}
