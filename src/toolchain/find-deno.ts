import { statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** This very Deno, else the one among the project's packages, else the one in PATH; undefined where there is none. */
export function findDeno(dir: string): string | undefined {
	if ('Deno' in globalThis) return process.execPath;
	const name = process.platform === 'win32' ? 'deno.exe' : 'deno';
	const folders = [join(dir, 'node_modules', '.bin'), ...(process.env.PATH ?? '').split(delimiter)];
	return folders
		.filter((folder) => folder !== '')
		.map((folder) => join(folder, name))
		.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
