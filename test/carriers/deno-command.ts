import { denoExecutable } from '../support/deno.ts';

/** How Deno runs a file of the suite: the packages of this checkout, and no lock file. */
export const denoArguments = ['run', '-A', '--no-lock', '--node-modules-dir=manual', '--no-check'];

/** How to start Deno: itself, where it runs already, else the one of the `deno` package. */
export function denoCommand(): { command: string; args: string[] } {
	return { command: 'Deno' in globalThis ? process.execPath : denoExecutable(), args: [] };
}
