import { dirname, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';
import { installedModule, ownModule } from '../installation.ts';

const ownImport = /^orchestra-toolchain(\/|$)/;

/**
 * Lets `orchestra-toolchain` mean this very installation, whatever the plugin's own folder has: the two belong together, and a
 * plugin needs no copy of its own. The compiled module imports it from where it lies.
 */
export const runtimeOutside: Plugin = {
	name: 'runtime-outside',
	setup(build) {
		build.onResolve({ filter: ownImport }, ({ path, kind }) => {
			const own = ownModule(path);
			if (!own) return undefined;
			const href = pathToFileURL(own).href;
			// require() takes no URL: a module in between imports it.
			return kind.startsWith('require')
				? { path: href, namespace: 'runtime' }
				: { path: href, external: true };
		});
		build.onLoad({ filter: /.*/, namespace: 'runtime' }, ({ path }) => ({
			contents: `export * from ${JSON.stringify(path)};`,
			loader: 'js',
		}));
		build.onResolve({ filter: /^file:/, namespace: 'runtime' }, ({ path }) => ({ path, external: true }));
	},
};

/** QUIC's package has a native part, which no bundle can hold. */
const nativePackage = /^@matrixai\/quic(\/|$)/;

/** Imports a package when it is needed, and in a way that no bundler looks for it when it reads the bundle in its turn. */
function importLater(path: string): string {
	return `const found = await import(${JSON.stringify(path.split('/'))}.join('/'));\nexport default found.default;\n`;
}

/** Does what {@link runtimeOutside} does, but takes the runtime into the file. */
export function runtimeInside(): Plugin {
	const ownFolder = dirname(dirname(installedModule('runtime/index'))) + sep;
	return {
		name: 'runtime-inside',
		setup(build) {
			build.onResolve({ filter: ownImport }, ({ path }) => {
				const own = ownModule(path);
				return own ? { path: own, sideEffects: false } : undefined;
			});
			// Found here, so that no tsconfig.json around a linked checkout changes how the runtime is compiled.
			build.onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, importer }) =>
				importer.startsWith(ownFolder) ? { path: resolve(resolveDir, path) } : undefined,
			);
			build.onResolve({ filter: nativePackage }, ({ path, importer }) =>
				importer.startsWith(ownFolder) ? { path, namespace: 'later' } : undefined,
			);
			build.onLoad({ filter: nativePackage, namespace: 'later' }, ({ path }) => ({
				contents: importLater(path),
			}));
		},
	};
}
