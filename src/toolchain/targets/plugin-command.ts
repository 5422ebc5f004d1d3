import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { builtFor } from '../built-for.ts';
import { findDeno } from '../find-deno.ts';
import { ownRuntime, runtimeProgram } from '../find-runtime.ts';
import { installedModule } from '../installation.ts';
import { compileModule } from '../load/compile-module.ts';
import { shownPath } from '../shown-path.ts';
import type { InstalledTarget } from './target.ts';

/** Command of a plugin's process. */
export interface TargetCommand {
	readonly command: string;
	readonly args: string[];
	readonly cwd?: string;
	/** Whether it asks for a certificate over its stdin, so that it need not see the key of the authority. */
	readonly oneTimeIdentity: boolean;
}

const processMain = installedModule('toolchain/load/module-program');

/** Options of running a module as a process. */
export interface ModuleCommandOptions {
	/** Compiled file. Default: it is compiled now. */
	readonly compiled?: string | undefined;
	/** Whether a debugger can attach, at a port of the system's choice. Default false. */
	readonly inspect?: boolean | undefined;
}

/** The command that runs a target as a process: the executable itself, or our runner around a module. */
export async function pluginCommand(
	target: InstalledTarget,
	{ compiled, inspect = false }: ModuleCommandOptions = {},
): Promise<TargetCommand> {
	const debug = inspect ? ['--inspect=127.0.0.1:0'] : [];
	if (target.kind === 'executable') return { command: target.path, args: [], oneTimeIdentity: false };
	const runtime = builtFor(target.entry);
	// A folder with a deno.json is a plugin for Deno, which runs its TypeScript as it is.
	if (runtime === undefined && isDenoFolder(target.folder)) {
		const command = findDeno(target.folder) ?? 'deno';
		return {
			command,
			args: [...denoFlags(inspect), ...debug, processMain, target.entry],
			cwd: target.folder,
			oneTimeIdentity: true,
		};
	}
	const used = runtime ?? ownRuntime;
	const command = runtimeProgram(used, target.folder, `${shownPath(target.entry)}, which was built for it,`);
	const flags = used === 'deno' ? denoFlags(inspect) : [];
	const args = [...flags, ...debug, processMain, compiled ?? (await compileModule(target.entry))];
	return { command, args, cwd: target.folder, oneTimeIdentity: true };
}

/**
 * A plugin that we start has the rights of the user who starts it, on Deno as on Node. Patterns of schemas that backtrack too much
 * go to V8's linear engine; Node is told so when it compiles the first one.
 */
function denoFlags(inspect: boolean): string[] {
	return [
		'run',
		'-A',
		// With `--quiet` it would not say where its debugger listens either.
		...(inspect ? [] : ['--quiet']),
		'--v8-flags=--enable-experimental-regexp-engine-on-excessive-backtracks',
	];
}

/** Whether a folder is a plugin for Deno, which compiles it itself. */
export function isDenoFolder(folder: string): boolean {
	return existsSync(join(folder, 'deno.json')) || existsSync(join(folder, 'deno.jsonc'));
}
