// Terminals on this machine: a shell that begins in one folder, and commands in it.
import { realpathSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { createPlugin, ExecError, type ExecOptions, type HandlerTerminal } from 'orchestra-toolchain';

/** The folder that sessions begin in; none may begin above it. */
const root = realpathSync(process.env.TERMINAL_ROOT ?? process.cwd());

/** Runs a command in the folder that the session asks for. */
function run({ command, params }: ExecOptions, terminal: HandlerTerminal) {
	return terminal.run({ command, cwd: folder(params.cwd ?? '.') });
}

export default createPlugin('terminal')
	.version('1.0.0')
	.description('Terminals on this machine.')
	.registerExec({
		resource: 'shell',
		description: 'A shell in a folder.',
		defaultCommand: [process.env.SHELL ?? 'sh'],
		tty: run,
		session: run,
	})
	.build();

/** A folder within the root, links followed. */
function folder(path: string): string {
	let real: string;
	try {
		real = realpathSync(resolve(root, path));
	} catch (cause) {
		throw new ExecError('No such folder', { message: `${path} is not there`, cause });
	}
	if (!relative(root, real).startsWith('..')) return real;
	throw new ExecError('Outside', {
		message: `${path} is outside ${root}`,
		suggestion: 'Choose a folder within it.',
	});
}
