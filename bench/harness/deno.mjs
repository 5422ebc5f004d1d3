import { createRequire } from 'node:module';

/** The program of the npm package `deno` itself: a signal to the package's launcher would not reach it. */
export function denoExecutable() {
	/** @type {{ runInstall(): string }} */
	const api = createRequire(import.meta.url)('deno/install_api.cjs');
	return api.runInstall();
}
