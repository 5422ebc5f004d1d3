import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { OnResolveArgs, Plugin } from 'esbuild';
import { isBuiltin } from './builtin-modules.ts';
import { isEsModule, isPackageFile } from './package-files.ts';

/** An import of a file that stays outside the compiled module. */
export interface OutsideImport {
	/** Folder of the file that imports it; absolute. */
	readonly from: string;
	readonly specifier: string;
	/** Absolute. */
	readonly path: string;
}

/**
 * Leaves every CommonJS file of an installed package outside, and imports it by its place. The runtime itself runs it, so code
 * that is not strict, addons, `require` of computed names and files beside it work as they do anywhere else. ES modules of
 * packages are taken in: they are strict and static, so it changes nothing but the time that reading their many files takes.
 *
 * @param seen gets what was left outside
 */
export function commonJsOutside(seen: OutsideImport[]): Plugin {
	const own = {};
	return {
		name: 'commonjs-outside',
		setup(build) {
			build.onResolve({ filter: /.*/ }, async (args) => {
				if (args.pluginData === own || args.kind === 'entry-point' || args.namespace !== 'file') return;
				if (isBuiltin(args.path)) return;
				// Deno fetches these itself, when the module is imported.
				if (/^(npm|jsr|https?):/.test(args.path)) return { path: args.path, external: true };
				if (args.path.endsWith('.node')) return addon(args);
				if (staysInside(args)) return;
				const required = args.kind.startsWith('require');
				const found = await build.resolve(args.path, {
					kind: args.kind,
					importer: args.importer,
					resolveDir: args.resolveDir,
					with: args.with,
					pluginData: own,
				});
				if (found.errors.length > 0) {
					// A package may require what is not there, and do without it.
					return required && isPackageFile(args.importer) ? { path: args.path, external: true } : undefined;
				}
				if (found.external || found.namespace !== 'file') return;
				if (!isPackageFile(found.path) || found.path.endsWith('.json') || isEsModule(found.path)) return;
				seen.push({ from: args.resolveDir, specifier: args.path, path: found.path });
				return { path: required ? found.path : pathToFileURL(found.path).href, external: true };
			});
		},
	};
}

/** A native addon that own code requires by its path. */
function addon({ path, resolveDir }: OnResolveArgs) {
	return /^\.{1,2}\//.test(path) ? { path: resolve(resolveDir, path), external: true } : undefined;
}

/** Whether an import can be told to stay inside without being resolved, which costs most of the time of a compilation. */
function staysInside({ path, importer, resolveDir }: OnResolveArgs): boolean {
	if (!/^\.{1,2}\//.test(path)) return false;
	if (!isPackageFile(importer) || /\.(mjs|json)$/.test(path)) return true;
	return path.endsWith('.js') && isEsModule(resolve(resolveDir, path));
}
