import { readFileSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BuildManifest } from '../build-manifest.ts';

/** Files that an earlier build of a plugin put into the folder beside its bundle, by its manifest. */
export function carriedBefore(out: string, id: string): string[] {
	try {
		const text = readFileSync(join(out, 'manifest.json'), 'utf8');
		const { files = [] } = JSON.parse(text) as Partial<BuildManifest>;
		// Whoever wrote the manifest: nothing outside of that folder is ours.
		return files
			.map(({ name }) => name)
			.filter((name) => name.startsWith(`${id}.files/`) && !name.includes('..'));
	} catch {
		return []; // There is none, or another program's file of that name.
	}
}

/** Removes files, and the folders that are empty then. */
export function removeFiles(out: string, names: readonly string[]): void {
	for (const name of names) {
		rmSync(join(out, name), { force: true });
		for (let folder = dirname(name); folder !== '.'; folder = dirname(folder)) {
			if (!removeEmpty(join(out, folder))) break;
		}
	}
}

function removeEmpty(folder: string): boolean {
	try {
		rmdirSync(folder);
		return true;
	} catch {
		return false; // There is something else in it.
	}
}
