import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { projectRoot } from './run-cli.ts';

/** What is built. */
export const dist = join(projectRoot, 'dist');

/** The files that files of dist/ load: at once, or also those that they may load later. Names begin at dist/. */
export function loadedFiles(entries: readonly string[], { later }: { later: boolean }): string[] {
	const files = new Set(entries.map((entry) => join(dist, entry)));
	for (const file of files) {
		const text = readFileSync(file, 'utf8');
		const atOnce = /(?:^|;)(?:import|export)\b[^;'"`]*["'`](\.[^"'`]+)["'`]/gm;
		const imports = [
			...text.matchAll(atOnce),
			...(later ? text.matchAll(/\bimport\(["'`](\.[^"'`]+)["'`]\)/g) : []),
		];
		for (const [, path = ''] of imports) files.add(resolve(dirname(file), path));
	}
	return [...files].map((file) => relative(dist, file));
}

/** Modules of the runtime itself that files of dist/ import at once, such as `node:net`. */
export function builtinsOf(files: readonly string[]): string[] {
	const names = new Set<string>();
	for (const file of files) {
		const text = readFileSync(join(dist, file), 'utf8');
		for (const [, name = ''] of text.matchAll(/(?:^|;)import\b[^;'"`]*["'`](node:[^"'`]+)["'`]/gm))
			names.add(name);
	}
	return [...names].sort();
}
