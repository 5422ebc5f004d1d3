import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { type Fault, shownPath } from '../compile/fault.ts';
import { loaderOf } from '../compile/own-places.ts';
import { isPackageFile, packageNameOf, withoutMark } from '../compile/package-files.ts';

/** How the fault of an addon is told from others. */
export const nativeAddon = 'a native addon';

/** A text that may name a file beside the source: it has an extension. */
const fileName = /(['"`])((?:\.{0,2}\/)?[\w@.-]+(?:\/[\w@.-]+)*\.[a-z][a-z0-9]{1,9})\1/gi;

/** What tells a source where it lies. */
const place = /\b__dirname\b|\b__filename\b|import\.meta\.(?:url|dirname|filename)/;

/** What is code, and so taken in. */
const code = /\.[cm]?[jt]sx?$/;

/**
 * Refuses native addons, which one file cannot hold, and tells of files that a source reads from its own folder when it runs:
 * fonts, WebAssembly, templates. They are not in the bundle.
 *
 * @param found gets a fault for each such file
 */
export function missingFiles(found: Fault[]): Plugin {
	return {
		name: 'missing-files',
		setup(build) {
			build.onLoad({ filter: /\.node$/ }, ({ path }) => ({
				errors: [
					{ text: `${ownerOf(path)} needs ${nativeAddon}, which one file cannot hold: ${shownPath(path)}` },
				],
			}));
			build.onLoad({ filter: code, namespace: 'file' }, async ({ path }) => {
				const source = withoutMark(await readFile(path, 'utf8'));
				if (place.test(source)) found.push(...readBeside(path, source));
				// A hashbang that ends in a carriage return is none to the compiler.
				return { contents: source.replace(/^(#!.*)\r\n/, '$1\n'), loader: loaderOf(path) };
			});
		},
	};
}

function readBeside(path: string, source: string): Fault[] {
	const faults = new Map<string, Fault>();
	for (const match of source.matchAll(fileName)) {
		const [, , name = ''] = match;
		const file = join(dirname(path), name);
		if (code.test(name) || extname(name) === '.json' || faults.has(file)) continue;
		if (!statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
		const before = source.slice(0, match.index).split('\n');
		faults.set(file, {
			file: shownPath(path),
			line: before.length,
			column: (before.at(-1)?.length ?? 0) + 1,
			text: `${ownerOf(path)} reads ${name} from its own folder when it runs, and it is not in the bundle`,
		});
	}
	return [...faults.values()];
}

function ownerOf(path: string): string {
	return isPackageFile(path) ? `the package ${packageNameOf(path)}` : 'the plugin';
}
