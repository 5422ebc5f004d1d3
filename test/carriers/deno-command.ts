import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** How Deno runs a file of the suite: the packages of this checkout, and no lock file. */
export const denoArguments = ['run', '-A', '--no-lock', '--node-modules-dir=manual', '--no-check'];

/** How to start Deno: itself, where it runs already, else the one of the `deno` package. */
export function denoCommand(): { command: string; args: string[] } {
	if ('Deno' in globalThis) return { command: process.execPath, args: [] };
	const manifest = createRequire(import.meta.url).resolve('deno/package.json');
	const { bin } = createRequire(import.meta.url)('deno/package.json') as { bin: string | { deno: string } };
	return {
		command: process.execPath,
		args: [join(dirname(manifest), typeof bin === 'string' ? bin : bin.deno)],
	};
}
