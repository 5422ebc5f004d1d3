import { createRequire } from 'node:module';
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

let loaded: PtyBinding | undefined;

/**
 * Loads the native binding, once a process. We drive it ourselves, as the package's own class closes a terminal 200 ms after its
 * program ended, whether or not all output was read.
 *
 * @throws OrchestraError `terminal_error` where this machine has none
 */
export function loadPty(): PtyBinding {
	loaded ??= load();
	return loaded;
}

function load(): PtyBinding {
	const { platform, arch } = process;
	try {
		if (platform === 'win32') throw new Error('Windows has no terminals of this kind');
		const here = createRequire(import.meta.url);
		const near = createRequire(here.resolve('@lydell/node-pty'));
		const binary = `@lydell/node-pty-${platform}-${arch}`;
		const helper = platform === 'darwin' ? near.resolve(`${binary}/spawn-helper`) : '';
		return { native: near(`${binary}/pty.node`) as NativePty, helper };
	} catch (error) {
		throw new OrchestraError(
			'terminal_error',
			`there are no terminals on this machine (${platform}-${arch}): @lydell/node-pty is not installed`,
			{
				hint: 'Install it beside orchestra-toolchain where it has a binary for this machine, or go without a terminal: -T.',
				cause: error,
			},
		);
	}
}
