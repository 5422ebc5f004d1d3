import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { BuildFailure, Loader, Message, Plugin } from 'esbuild';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { toolchainVersion } from '../installation.ts';
import { ModuleCache } from './module-cache.ts';

/** The package that plugins import. Compiled plugins get it from this very installation, so they need none of their own. */
const packageName = 'orchestra-toolchain';

const runtimeEntry = new URL(
	`../../runtime/index${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
	import.meta.url,
);

const sourceFiles = /\.[cm]?[jt]sx?$/;

/**
 * Keeps packages out of the compiled module: it imports them by file URL, from where the plugin's own folder finds them, so
 * the compiled file may lie anywhere.
 */
const externalPackages: Plugin = {
	name: 'external-packages',
	setup(build) {
		build.onResolve({ filter: /^[^./]/ }, async (args) => {
			if (args.pluginData === externalPackages || args.kind === 'entry-point') return undefined;
			if (isAbsolute(args.path) || args.path.startsWith('node:')) return undefined;
			if (args.path === packageName) return { path: runtimeEntry.href, external: true };
			const found = await build.resolve(args.path, {
				kind: args.kind,
				resolveDir: args.resolveDir,
				pluginData: externalPackages,
			});
			if (found.errors.length > 0 || found.external) return found;
			return { path: pathToFileURL(found.path).href, external: true };
		});
	},
};

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
			sourceRoot: pathToFileURL(`${dirname(entry)}/`).href,
			logLevel: 'silent',
			define: metaNames,
			plugins: [externalPackages, ownMetaUrl],
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

/** The path of this installation's runtime, for a bundle that must contain it. */
export function runtimeEntryPath(): string {
	return fileURLToPath(runtimeEntry);
}
