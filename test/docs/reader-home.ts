import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { denoExecutable } from '../support/deno.ts';
import { projectRoot } from '../support/run-cli.ts';

/** The home of a reader who does what a page says. */
export interface ReaderHome {
	/** Where the reader's terminals stand at first. */
	readonly cwd: string;
	readonly env: Record<string, string>;
}

export interface ReaderHomeOptions {
	readonly runtime: 'node' | 'deno';
	/** Ports for what listens without a word about where: the usual ones may be taken. */
	readonly ports: readonly [quic: number, tcp: number];
	/** More programs in the path: shell scripts by name. */
	readonly programs?: Record<string, string>;
}

/** Makes a home with `orchestra` and Deno in its path, and an npm that installs from this checkout, without a network. */
export function readerHome(dir: string, { runtime, ports, programs = {} }: ReaderHomeOptions): ReaderHome {
	const bin = join(dir, 'bin');
	const cwd = join(dir, 'projects');
	for (const folder of [bin, cwd]) mkdirSync(folder, { recursive: true });
	const run = runtime === 'deno' ? `'${denoExecutable()}' run -A --quiet` : `'${process.execPath}'`;
	const listen = `--listen quic://127.0.0.1:${ports[0]} --listen tcp://127.0.0.1:${ports[1]}`;
	const scripts = {
		orchestra: `case "$1 $2" in "dev "*|"serve "[a-z]*) set -- "$@" ${listen};; esac
exec ${run} '${join(projectRoot, 'bin/orchestra.js')}' "$@"`,
		npm: `[ "$1" = install ] || exit 1
mkdir -p node_modules/@types node_modules/.bin
${['zod', '@types/node', 'typescript'].map((name) => `ln -s '${join(projectRoot, 'node_modules', name)}' node_modules/${name}`).join('\n')}
ln -s '${projectRoot}' node_modules/orchestra-toolchain
ln -s '${join(bin, 'orchestra')}' node_modules/.bin/orchestra`,
		node: `exec '${process.execPath}' "$@"`,
		...programs,
	};
	for (const [name, text] of Object.entries(scripts)) {
		writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
		chmodSync(join(bin, name), 0o755);
	}
	symlinkSync(denoExecutable(), join(bin, 'deno'));
	const nowhereElse = { ORCHESTRA_HOME: '', ORCHESTRA_CERTS_DIR: '', ORCHESTRA_CACHE_DIR: '' };
	return { cwd, env: { HOME: dir, PATH: `${bin}:${process.env.PATH}`, ...nowhereElse } };
}
