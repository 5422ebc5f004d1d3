import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from './paths.mjs';

/** Milliseconds for the build of the project. */
const buildMs = 5 * 60_000;

/** Builds dist/, which is measured, where a source has changed since. */
export function buildOurs() {
	run('the build', [join(projectRoot, 'scripts/build.mjs'), '--if-stale']);
}

/**
 * Makes the certificates of a run.
 *
 * @param {string} certsDir
 * @param {string[]} names
 */
export function issueCertificates(certsDir, names) {
	const certs = (/** @type {string[]} */ ...args) => {
		const executable = join(projectRoot, 'bin/orchestra.js');
		run(`orchestra certs ${args[0]}`, [executable, 'certs', ...args, '--certs-dir', certsDir]);
	};
	certs('init');
	for (const name of names) certs('issue', name);
}

/**
 * @param {string} what
 * @param {string[]} args
 */
function run(what, args) {
	const options = { cwd: projectRoot, encoding: /** @type {const} */ ('utf8'), timeout: buildMs };
	const { status, error, stderr } = spawnSync(process.execPath, args, options);
	if (status !== 0) throw new Error(`${what} failed: ${error?.message ?? stderr.trim()}`);
}
