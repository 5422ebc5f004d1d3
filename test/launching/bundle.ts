import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The file of a fixture. Deno runs it as it is. */
export function fixtureFile(name: string): string {
	return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

/** Makes one file of a fixture in TypeScript, for a Node that cannot run it as it is. Returns its path. */
export async function bundle(name: string, folder: string): Promise<string> {
	const modules = join(folder, 'node_modules');
	if (!existsSync(modules))
		symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), modules);
	const outfile = join(folder, name.replace(/\.ts$/, '.mjs'));
	await build({
		entryPoints: [fixtureFile(name)],
		outfile,
		bundle: true,
		format: 'esm',
		platform: 'node',
		target: 'node20',
		packages: 'external',
		logLevel: 'silent',
	});
	return outfile;
}
