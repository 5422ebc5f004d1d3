import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Staging } from '../store/staging.ts';

/** Result of a source: a folder of a package. */
export interface FetchedTree {
	readonly root: string;
	/** The source as exactly as it can be said: with the version or commit. */
	readonly resolved: string;
	/** The version that the package itself says. */
	readonly version: string | undefined;
}

/** Options of fetching a source. */
export interface FetchOptions {
	readonly staging: Staging;
	/** Working folder of the user: npm takes settings of a project from there. */
	readonly cwd: string;
	readonly signal?: AbortSignal | undefined;
	/** Called with what is being done. */
	readonly onStep?: ((text: string) => void) | undefined;
}

/** The folder of the package in an unpacked archive: the only folder at the top, `package` as npm names it, else the top itself. */
export function packageRoot(unpacked: string): string {
	const [only, ...more] = readdirSync(unpacked);
	if (only === undefined || more.length > 0) return unpacked;
	const folder = join(unpacked, only);
	return statSync(folder).isDirectory() ? folder : unpacked;
}
