import { onDeno } from '../../src/runtime/platform/on-deno.ts';
import { denoExecutable } from './deno.ts';

/** What a program of the tests runs on. */
export type Runtime = 'node' | 'deno';

/** What this process runs on: some suites run on Deno themselves. */
export const ownRuntime: Runtime = onDeno ? 'deno' : 'node';

const denoArguments = ['run', '-A', '--quiet', '--no-lock', '--node-modules-dir=manual', '--no-check'];

/**
 * The command that runs a file on a runtime. Deno takes the packages of this checkout, and writes no lock file; it runs TypeScript, which
 * Node 20 does not.
 *
 * @param words the file and its own words; flags of the runtime may stand before
 */
export function runtimeCommand(runtime: Runtime, ...words: string[]): [command: string, args: string[]] {
	if (runtime === 'node') return [process.execPath, words];
	return [onDeno ? process.execPath : denoExecutable(), [...denoArguments, ...words]];
}
