import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { matchesPattern } from '../plugin/definition/matches-pattern.ts';
import { isExecutable } from './is-executable.ts';

/**
 * The executables of a folder whose names fit a pattern, such as `console-plugin-*`: absolute paths, sorted. What lies in folders below
 * is not looked at, and a folder that is not there has none.
 *
 * @param pattern `*`, `?` and `[a-z]` as shells have them
 */
export function discoverPlugins(folder: string, pattern = '*'): string[] {
	let names: string[];
	try {
		names = readdirSync(folder, { withFileTypes: true })
			.filter((entry) => entry.isFile() || entry.isSymbolicLink())
			.map(({ name }) => name);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw error;
	}
	return names
		.filter((name) => matchesPattern(pattern, name))
		.map((name) => resolve(join(folder, name)))
		.filter(isExecutable)
		.sort();
}
