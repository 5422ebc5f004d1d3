import { join } from 'node:path';
import { onDeno } from '../runtime/platform/on-deno.ts';
import { pathFolders, programInFolders } from './program-in-folders.ts';

/** This very Deno, else the one among the project's packages, else the one in PATH; undefined where there is none. */
export function findDeno(dir: string): string | undefined {
	if (onDeno) return process.execPath;
	return programInFolders('deno', [join(dir, 'node_modules', '.bin'), ...pathFolders()]);
}
