import { onDeno } from '../runtime/platform/on-deno.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { findDeno } from './find-deno.ts';
import { pathFolders, programInFolders } from './program-in-folders.ts';

/** Runtime that runs modules. */
export type RuntimeName = 'node' | 'deno';

/** Runtime of this process. */
export const ownRuntime: RuntimeName = onDeno ? 'deno' : 'node';

/** Name of each runtime for people. */
export const runtimeTitle = { node: 'Node', deno: 'Deno' } as const;

/**
 * The program of a runtime: the one that runs this process, where it is that; else what the project or PATH has.
 *
 * @param dir the folder of the project
 * @param what needs it, as a sentence begins
 * @throws OrchestraError `requirement_unmet` where there is none
 */
export function runtimeProgram(runtime: RuntimeName, dir: string, what: string): string {
	const found =
		runtime === ownRuntime
			? process.execPath
			: runtime === 'deno'
				? findDeno(dir)
				: programInFolders('node', pathFolders());
	if (found !== undefined) return found;
	const other = runtime === 'deno' ? 'node' : 'deno';
	throw new OrchestraError(
		'requirement_unmet',
		`${what} needs ${runtimeTitle[runtime]}, and there is no ${runtime} in PATH`,
		{
			hint: `Install ${runtimeTitle[runtime]}, or build the plugin for ${runtimeTitle[other]}: orchestra build --target ${other}`,
			details: { runtime },
		},
	);
}
