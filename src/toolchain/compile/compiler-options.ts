import { basename, dirname } from 'node:path';
import type { BuildOptions } from 'esbuild';

/** Source with which a compilation begins: a few lines around the plugin's module. */
export interface CompilerEntry {
	/** The plugin's module; absolute, without links. */
	readonly module: string;
	/** Code around it, which imports the module by the name that it gets. */
	readonly code: (module: string) => string;
}

/**
 * The one configuration of the compiler, for modules that are run and for bundles that are shipped. The plugin's module is
 * imported rather than an entry point itself: an entry point is read as a pattern, and no tsconfig.json applies to it.
 */
export function compilerOptions({ module, code }: CompilerEntry) {
	const folder = dirname(module);
	return {
		stdin: {
			contents: code(`./${basename(module)}`),
			resolveDir: folder,
			// An .mjs imports CommonJS as Node does: the default is module.exports.
			sourcefile: 'orchestra-entry.mjs',
		},
		absWorkingDir: folder,
		bundle: true,
		write: false,
		metafile: true,
		platform: 'node',
		format: 'esm',
		target: 'node20.19',
		charset: 'utf8',
		// Without this the compiler adds "module", a condition that Node does not have.
		conditions: [],
		mainFields: ['main', 'module'],
		supported: { 'import-attributes': true },
		logLevel: 'silent',
		keepNames: true,
	} as const satisfies BuildOptions;
}
