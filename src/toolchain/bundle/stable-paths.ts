import { realpathSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { toolchainRoot } from '../installation.ts';

/**
 * The name of a source file in a bundle, which says nothing of the machine that it was built on: a package's file from its
 * `node_modules` on, one of ours under the name of our package, the plugin's own relative to its project.
 *
 * @param path as esbuild writes it: relative to the project, or absolute
 */
export function stablePath(path: string, projectDir: string): string {
	const absolute = resolve(projectDir, path);
	const name = toPosix(placeOf(absolute, projectDir));
	// However a package manager lays packages out.
	const packages = `/${name}`.lastIndexOf('/node_modules/');
	return packages < 0 ? name : name.slice(packages);
}

function placeOf(absolute: string, projectDir: string): string {
	const inProject = relative(projectDir, absolute);
	if (!inProject.startsWith('..')) return inProject;
	const own = relative(realpathSync(toolchainRoot), absolute);
	return own.startsWith('..') ? inProject : join('node_modules', 'orchestra-toolchain', own);
}

function toPosix(path: string): string {
	return path.replaceAll(sep, '/');
}

/**
 * Replaces the paths by which esbuild names the modules in its output, in the comment above each and as the key of each
 * CommonJS module, by stable ones.
 *
 * @param inputs the paths, as esbuild's metafile lists them
 */
export function withStablePaths(code: string, inputs: readonly string[], projectDir: string): string {
	const names = new Map(inputs.map((path) => [path, stablePath(path, projectDir)]));
	return code
		.replace(/^\/\/ (.+)$/gm, (line, path: string) => {
			const name = names.get(path);
			return name === undefined ? line : `// ${name}`;
		})
		.replace(/^(\s*)"((?:[^"\\]|\\.)+)"(?=\()/gm, (text, indent: string, path: string) => {
			const name = names.get(path);
			return name === undefined ? text : `${indent}${JSON.stringify(name)}`;
		});
}

/** The source map with stable paths. `sources` are relative to the folder that esbuild wrote into. */
export function stableSourceMap(map: string, outDir: string, projectDir: string): string {
	const parsed = JSON.parse(map) as { sources: string[] };
	parsed.sources = parsed.sources.map((source) => stablePath(resolve(outDir, source), projectDir));
	return JSON.stringify(parsed);
}
