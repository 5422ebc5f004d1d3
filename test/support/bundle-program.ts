import { existsSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Makes one file of a program in TypeScript, for a Node that cannot run it as it is. Returns its path. */
export async function bundleProgram(file: URL, folder: string): Promise<string> {
	const modules = join(folder, 'node_modules');
	if (!existsSync(modules)) {
		symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), modules);
	}
	const entry = fileURLToPath(file);
	const outfile = join(folder, basename(entry).replace(/\.ts$/, '.mjs'));
	await build({
		entryPoints: [entry],
		outfile,
		bundle: true,
		format: 'esm',
		platform: 'node',
		target: 'node20',
		packages: 'external',
		sourcemap: 'inline',
		logLevel: 'silent',
	});
	return outfile;
}
