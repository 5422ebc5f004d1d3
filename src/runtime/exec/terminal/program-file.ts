import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { Program } from './terminal.ts';

/**
 * The file of a program, looked for before anything is forked: a fork that cannot run its program looks like a program that ended.
 *
 * @throws OrchestraError `terminal_error`
 */
export function programFile({ command, cwd = process.cwd(), env = process.env }: Program): string {
	const [name] = command;
	if (!name) {
		throw new OrchestraError('terminal_error', 'there is no command to run', {
			hint: 'Say one after --, or give the handler a default command.',
		});
	}
	if (!isFolder(cwd)) throw new OrchestraError('terminal_error', `${cwd} is no folder to run ${name} in`);
	const places = name.includes('/')
		? [resolve(cwd, name)]
		: (env.PATH ?? '').split(delimiter).map((folder) => join(resolve(cwd, folder), name));
	const file = places.find(isProgram);
	if (file) return file;
	throw new OrchestraError('terminal_error', `there is no program ${name} to run`, {
		hint: 'Check its name, and that the plugin’s process may run it.',
	});
}

function isFolder(path: string): boolean {
	return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isProgram(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return statSync(path).isFile();
	} catch {
		return false;
	}
}
