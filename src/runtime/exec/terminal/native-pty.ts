import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { OrchestraError } from '../../wire/orchestra-error.ts';

/** The native part of `@lydell/node-pty`. */
export interface NativePty {
	/** Runs a program as the leader of a session of its own, on a new terminal. */
	fork(
		file: string,
		args: readonly string[],
		env: readonly string[],
		cwd: string,
		cols: number,
		rows: number,
		uid: number,
		gid: number,
		utf8: boolean,
		helper: string,
		onExit: (code: number, signal: number) => void,
	): { readonly fd: number; readonly pid: number };
	resize(fd: number, cols: number, rows: number): void;
}

/** The binding, and the helper program that macOS needs. */
export interface PtyBinding {
	readonly native: NativePty;
	readonly helper: string;
}

/** The names of the files that are looked for beside the program: what a bundle ships instead of `node_modules`. */
export const ptyFileName = 'orchestra-pty.node';
export const ptyHelperFileName = 'orchestra-pty-helper';

let loaded: PtyBinding | undefined;

/**
 * Loads the native binding, once a process. We drive it ourselves, as the package's own class closes a terminal 200 ms after its
 * program ended, whether or not all output was read. Looked for, in this order: the file {@link ptyFileName} beside the program, the
 * package `@lydell/node-pty` beside this module, the same beside the program, which may be a host of bundles.
 *
 * @throws OrchestraError `terminal_error` where this machine has none
 */
export function loadPty(): PtyBinding {
	loaded ??= load();
	return loaded;
}

function load(): PtyBinding {
	const { platform, arch } = process;
	const program = programPath();
	try {
		if (platform === 'win32') throw new Error('Windows has no terminals of this kind');
		const beside = program && join(dirname(program), ptyFileName);
		if (beside && existsSync(beside)) {
			const native = createRequire(beside)(beside) as NativePty;
			return { native, helper: join(dirname(beside), ptyHelperFileName) };
		}
		const { binding, helper } = findPty(program ? [import.meta.url, program] : [import.meta.url]);
		return { native: createRequire(binding)(binding) as NativePty, helper };
	} catch (error) {
		throw new OrchestraError(
			'terminal_error',
			`there are no terminals on this machine (${platform}-${arch}): @lydell/node-pty is not installed`,
			{
				hint: `Install it beside the plugin where it has a binary for this machine (npm install @lydell/node-pty), put ${ptyFileName} of a build for it there, or go without a terminal: -T.`,
				cause: error,
			},
		);
	}
}

/**
 * The files of the binding, from an installation of `@lydell/node-pty` that one of some modules can see. The helper is empty where
 * the platform needs none.
 *
 * @throws an error of the module system where there is none
 */
export function findPty(from: readonly string[] = [import.meta.url]): {
	readonly binding: string;
	readonly helper: string;
} {
	const { platform, arch } = process;
	const name = `@lydell/node-pty-${platform}-${arch}`;
	let failure: unknown;
	for (const module of from) {
		try {
			const near = createRequire(createRequire(module).resolve('@lydell/node-pty'));
			const helper = platform === 'darwin' ? near.resolve(`${name}/spawn-helper`) : '';
			return { binding: near.resolve(`${name}/pty.node`), helper };
		} catch (error) {
			failure ??= error;
		}
	}
	throw failure;
}

function programPath(): string | undefined {
	const [, program] = process.argv;
	try {
		return program ? realpathSync(program) : undefined;
	} catch {
		// The program is no file: `node -e`, say.
		return undefined;
	}
}
