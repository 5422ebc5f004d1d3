import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	realpathSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { denoExecutable } from '../support/deno.ts';
import { projectRoot } from '../support/run-cli.ts';
import { codeBlocks } from './code-blocks.ts';
import { freePort } from './free-port.ts';
import { PageRunner } from './page-runner.ts';

// The way of a newcomer, as docs/tutorial.md tells it: init, dev, a change, test, build --pack, install, serve, call. In a home of its own, and without a network.

let scratch = '';
beforeAll(() => {
	scratch = realpathSync(mkdtempSync(join(tmpdir(), 'orchestra-tutorial-')));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function program(path: string, text: string): void {
	writeFileSync(path, `#!/bin/sh\n${text}\n`);
	chmodSync(path, 0o755);
}

/** A home with programs in its path: `orchestra`, Deno, and an npm that installs from this checkout. */
function home(
	runtime: 'node' | 'deno',
	ports: readonly number[],
): { cwd: string; env: Record<string, string> } {
	const dir = join(scratch, runtime);
	const bin = join(dir, 'bin');
	const cwd = join(dir, 'projects');
	for (const folder of [bin, cwd]) mkdirSync(folder, { recursive: true });
	const run = runtime === 'deno' ? `'${denoExecutable()}' run -A --quiet` : `'${process.execPath}'`;
	// On ports of its own: the usual ones may be taken.
	const listen = `--listen quic://127.0.0.1:${ports[0]} --listen tcp://127.0.0.1:${ports[1]}`;
	program(
		join(bin, 'orchestra'),
		`case "$1" in dev|serve) set -- "$@" ${listen};; esac\nexec ${run} '${join(projectRoot, 'bin/orchestra.js')}' "$@"`,
	);
	const links = ['zod', '@types/node', 'typescript'].map(
		(name) => `ln -s '${join(projectRoot, 'node_modules', name)}' node_modules/${name}`,
	);
	program(
		join(bin, 'npm'),
		[
			`[ "$1" = install ] || exit 1`,
			'mkdir -p node_modules/@types',
			...links,
			`ln -s '${projectRoot}' node_modules/orchestra-toolchain`,
		].join('\n'),
	);
	symlinkSync(denoExecutable(), join(bin, 'deno'));
	const env = {
		HOME: dir,
		PATH: `${bin}:${process.env.PATH}`,
		ORCHESTRA_HOME: '',
		ORCHESTRA_CERTS_DIR: '',
		ORCHESTRA_CACHE_DIR: '',
	};
	return { cwd, env };
}

describe.concurrent.each(['node', 'deno'] as const)('the tutorial on %s', (runtime) => {
	test('does what it says', { timeout: 120_000 }, async () => {
		const page = readFileSync(join(projectRoot, 'docs/tutorial.md'), 'utf8');
		const ports = [await freePort(), await freePort()] as const;
		const adapted = (text: string) =>
			text.replaceAll('50100', `${ports[0]}`).replaceAll('50101', `${ports[1]}`);
		await using reader = new PageRunner({ ...home(runtime, ports), runtime, adapted });
		for (const block of codeBlocks(page)) {
			try {
				await reader.run(block);
			} catch (error) {
				throw new Error(`docs/tutorial.md:${block.line}: ${(error as Error).message}`, { cause: error });
			}
		}
	});
});
