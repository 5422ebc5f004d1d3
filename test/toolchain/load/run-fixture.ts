import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { denoExecutable } from '../../support/deno.ts';
import { type CliResult, runCli } from '../../support/run-cli.ts';
import type { Fixture } from './fixtures.ts';

/** Writes a fixture below a folder that is empty, and returns the plugin's own folder. */
export function writeFixture(
	root: string,
	{ files, folder = '.' }: Pick<Fixture, 'files' | 'folder'>,
): string {
	for (const [name, text] of Object.entries(files)) {
		const path = join(root, name);
		mkdirSync(dirname(path), { recursive: true });
		if (text.startsWith('link:')) symlinkSync(text.slice('link:'.length), path);
		else writeFileSync(path, text);
	}
	return join(root, folder);
}

/** A way to run a plugin. The others are held against the first. */
export type Way = 'call' | 'call --spawn' | 'build and run' | 'call on Deno' | 'build and run on Deno';

/** Calls the tool `run` of the plugin in a folder. @param out where a bundle is put, and run */
export async function runFixture(
	way: Way,
	dir: string,
	out: string,
	env: Record<string, string>,
): Promise<CliResult> {
	if (way === 'call') return runCli(['call', dir, 'run', '--json'], { env });
	if (way === 'call --spawn') {
		return runCli(['call', dir, 'run', '--json', '--spawn'], { env });
	}
	if (way === 'call on Deno') return runCli(['call', dir, 'run', '--json'], { env, runtime: 'deno' });
	if (!existsSync(join(out, 'fixture.mjs'))) {
		const built = await runCli(['build', dir, '--out', out, '--no-check', '--no-quic', '--json'], { env });
		if (built.code !== 0) return built;
	}
	const deno = way === 'build and run on Deno';
	const command = deno ? `'${denoExecutable()}' run -A --quiet --no-config` : `'${process.execPath}'`;
	const program = join(out, deno ? 'run-deno' : 'run');
	writeFileSync(program, `#!/bin/sh\nexec ${command} "$(dirname "$0")/fixture.mjs" "$@"\n`);
	chmodSync(program, 0o755);
	return runCli(['call', program, 'run', '--json', '--carrier', 'tcp'], { env });
}
