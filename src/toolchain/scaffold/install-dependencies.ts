import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Milliseconds that an install may take. */
const installTimeoutMs = 5 * 60_000;

/** Characters of npm's output that are kept to tell why it failed. */
const maxOutput = 16_384;

/**
 * What is run, as a person would type it. Without scripts: npm would run the `prepare` of a linked checkout, and no
 * dependency of a new plugin needs one.
 */
export const installCommand = 'npm install --ignore-scripts --no-audit --no-fund';

/**
 * How an install ended: undefined where it worked, else why not, in a few words.
 *
 * @throws OrchestraError `cancelled` where a signal interrupted it; half of an install is not left behind
 */
export async function installDependencies(dir: string): Promise<string | undefined> {
	// Before npm begins: what is there then is not its own.
	const halves = ['node_modules', 'package-lock.json']
		.map((name) => join(dir, name))
		.filter((path) => !existsSync(path));
	// npm is a .cmd file on Windows, which only a shell starts. The command holds nothing that a user chose.
	const [command = '', ...args] = installCommand.split(' ');
	const child = spawn(command, args, {
		cwd: dir,
		shell: process.platform === 'win32',
		stdio: ['ignore', 'pipe', 'pipe'],
		timeout: installTimeoutMs,
	});
	let output = '';
	const keep = (chunk: string) => {
		output = (output + chunk).slice(-maxOutput);
	};
	child.stdout.setEncoding('utf8').on('data', keep);
	child.stderr.setEncoding('utf8').on('data', keep);
	let interrupted = false;
	const interrupt = () => {
		interrupted = true;
		child.kill('SIGTERM');
	};
	process.on('SIGINT', interrupt);
	process.on('SIGTERM', interrupt);
	const fault = await new Promise<string | undefined>((resolve) => {
		child.once('error', (error: NodeJS.ErrnoException) => {
			resolve(error.code === 'ENOENT' ? 'npm was not found' : error.message);
		});
		child.once('close', (code, signal) => {
			// Ctrl-C on a terminal reaches npm as well, and may end it before we hear of it.
			interrupted ||= signal === 'SIGINT' || code === 130;
			if (code === 0) resolve(undefined);
			else if (signal) resolve(`npm was stopped by ${signal}`);
			else resolve(npmFault(output) ?? `npm ended with code ${code}`);
		});
	});
	process.off('SIGINT', interrupt);
	process.off('SIGTERM', interrupt);
	if (!interrupted) return fault;
	for (const path of halves) rmSync(path, { recursive: true, force: true });
	throw new OrchestraError(
		'cancelled',
		'the install was interrupted: the plugin is made, its packages are not',
		{
			hint: `Later, run in its folder: ${installCommand}`,
			details: { dir },
		},
	);
}

/** The line of npm's output that tells most. */
function npmFault(output: string): string | undefined {
	const lines = output
		.split('\n')
		.filter((line) => /^npm (error|ERR!)/.test(line))
		.map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
		.filter((line) => line !== '' && !/^(code|errno|syscall|path|A complete log)\b/.test(line));
	return lines[0];
}
