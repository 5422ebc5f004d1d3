import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of this installation: the one with package.json and templates/. */
export const toolchainRoot = fileURLToPath(new URL('../../', import.meta.url));

let version: string | undefined;

/** The version of this installation, from its package.json. */
export function toolchainVersion(): string {
	version ??= (JSON.parse(readFileSync(`${toolchainRoot}package.json`, 'utf8')) as { version: string })
		.version;
	return version;
}
