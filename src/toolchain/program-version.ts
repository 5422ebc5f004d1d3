import { spawnSync } from 'node:child_process';
import semver from 'semver';

/** Milliseconds that another program may take to say its version. */
const versionTimeoutMs = 10_000;

/** The oldest Deno that plugins are run with. */
export const oldestDeno = '2.9.0';

/** Output of a program for `--version`; undefined where it is not there, or says nothing of the kind. */
export function versionOf(program: string): string | undefined {
	const { status, stdout } = spawnSync(program, ['--version'], {
		encoding: 'utf8',
		timeout: versionTimeoutMs,
		shell: process.platform === 'win32',
	});
	return status === 0 ? semver.coerce(stdout)?.version : undefined;
}
