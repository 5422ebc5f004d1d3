import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { toolchainRoot, toolchainVersion } from '../installation.ts';

/**
 * Reference by which a made package.json gets this very toolchain: from a checkout a relative `file:` path, from an
 * installed package `^version`.
 *
 * @param dir the absolute folder of the package.json; it need not exist yet
 */
export function toolchainReference(dir: string): string {
	if (!existsSync(join(toolchainRoot, 'src'))) return `^${toolchainVersion()}`;
	const path = relative(realFolder(dir), realpathSync(toolchainRoot));
	return `file:${sep === '/' ? path : path.replaceAll(sep, '/')}`;
}

/** npm resolves the path from where the folder really is: `..` of a link is not the folder that the link lies in. */
function realFolder(dir: string): string {
	if (existsSync(dir)) return realpathSync(dir);
	const parent = dirname(dir);
	return parent === dir ? dir : join(realFolder(parent), dir.slice(parent.length).replace(/^[\\/]+/, ''));
}
