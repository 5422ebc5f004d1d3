import { createRequire } from 'node:module';

/**
 * The Deno of the npm package `deno`: the program itself, since a signal to the package's launcher would not reach it. Found also
 * where the package's install script was not allowed to run.
 */
export function denoExecutable(): string {
	const api = createRequire(import.meta.url)('deno/install_api.cjs') as { runInstall(): string };
	return api.runInstall();
}
