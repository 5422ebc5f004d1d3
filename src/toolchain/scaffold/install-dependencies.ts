import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

/** Milliseconds that an install may take. */
const installTimeoutMs = 5 * 60_000;

/** Characters of npm's output that are kept to tell why it failed. */
const maxOutput = 16_384;

/**
 * Command of the install, as a person would type it. Without scripts: npm would run the `prepare` of a linked checkout, and no
 * dependency of a new plugin needs one.
 */
export const installCommand = 'npm install --ignore-scripts --no-audit --no-fund';

/** Milliseconds between two words about an install that lasts. */
const waitStepMs = 1_000;

/** Milliseconds from SIGTERM to SIGKILL. */
const graceMs = 2_000;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Options of an install. */
export interface InstallDependenciesOptions {
	/** Called each second with the number of seconds so far. */
	readonly onWait?: ((seconds: number) => void) | undefined;
	/** Takes back what was made before, where a signal interrupts it and half of the install is gone. */
	readonly undo: () => void;
}

/**
 * End of an install: undefined where it worked, else the reason in a few words.
 *
 * @throws OrchestraError `cancelled` where a signal interrupted it; nothing is left behind then
 */
export async function installDependencies(
	dir: string,
	{ onWait, undo }: InstallDependenciesOptions,
): Promise<string | undefined> {
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
	const begun = Date.now();
	const ticker = setInterval(() => onWait?.(Math.round((Date.now() - begun) / 1000)), waitStepMs);
	let interrupted = false;
	let killer: NodeJS.Timeout | undefined;
	const interrupt = () => {
		// A second one does not wait for npm to end, and leaves nothing behind either.
		child.kill(interrupted ? 'SIGKILL' : 'SIGTERM');
		interrupted = true;
		killer ??= setTimeout(() => child.kill('SIGKILL'), graceMs);
	};
	for (const signal of signals) process.on(signal, interrupt);
	try {
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
		if (!interrupted) return fault;
		for (const path of halves) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
		undo();
	} finally {
		clearInterval(ticker);
		clearTimeout(killer);
		for (const signal of signals) process.off(signal, interrupt);
	}
	throw new OrchestraError('cancelled', 'the install was interrupted: nothing was made', {
		hint: 'With --no-install the plugin is made without its packages.',
		details: { dir },
	});
}

/** The packages that a plugin asks for, by its package.json; empty where that cannot be read. */
export function packagesOf(dir: string, text?: string): string[] {
	try {
		const { dependencies, devDependencies } = JSON.parse(
			text ?? readFileSync(join(dir, 'package.json'), 'utf8'),
		) as Record<string, Record<string, string> | undefined>;
		return Object.entries({ ...dependencies, ...devDependencies }).map(([name, range]) => `${name}@${range}`);
	} catch {
		return [];
	}
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
