import { builtinModules } from 'node:module';
import type { Plugin } from 'esbuild';

const builtins = new Set(builtinModules);

/** Whether an import means one of Node's own modules. */
export function isBuiltin(specifier: string): boolean {
	return specifier.startsWith('node:') || builtins.has(specifier);
}

/** Imports Node's own modules by their full names: Deno knows them by these only. */
export const builtinsByFullName: Plugin = {
	name: 'builtins-by-full-name',
	setup(build) {
		build.onResolve({ filter: /^[a-z]/ }, ({ path }) =>
			builtins.has(path) ? { path: `node:${path}`, external: true } : undefined,
		);
	},
};
