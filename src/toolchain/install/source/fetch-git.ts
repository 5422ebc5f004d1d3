import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { archiveLimits } from '../archive/archive-limits.ts';
import type { FetchedTree, FetchOptions } from './fetched.ts';
import { formatSource, type InstallSource } from './install-source.ts';
import { readPackage } from './read-package.ts';
import { runTool } from './run-tool.ts';

/** Settings that let a repository run nothing: no hooks, no helpers named in an address; links are files with a path in them. */
const harmless = [
	'-c',
	'core.hooksPath=/dev/null',
	'-c',
	'core.symlinks=false',
	'-c',
	'protocol.ext.allow=never',
	'-c',
	'submodule.recurse=false',
	'-c',
	'advice.detachedHead=false',
];

/** Has git bring a repository at a branch, tag or commit, without its history where that can be. Submodules are left out. */
export async function fetchGit(
	source: Extract<InstallSource, { kind: 'git' }>,
	options: FetchOptions,
): Promise<FetchedTree> {
	const { staging, cwd, signal, onStep } = options;
	const { url, ref } = source;
	onStep?.(`Fetching ${url} with git`);
	const root = join(staging.fetched, 'repository');
	const git = (...args: string[]) =>
		runTool('git', [...harmless, ...args], {
			cwd,
			signal,
			what: ref === undefined ? url : `${ref} of ${url}`,
			// Off a terminal a question would wait for ever.
			env: process.stdin.isTTY ? {} : { GIT_TERMINAL_PROMPT: '0' },
		});
	// A commit cannot be asked for by every server: only the whole history is sure to have it.
	if (ref !== undefined && /^[0-9a-f]{7,64}$/i.test(ref)) {
		await git('clone', '--quiet', '--no-checkout', '--', url, root);
		await git('-C', root, 'checkout', '--quiet', '--detach', ref);
	} else {
		const branch = ref === undefined ? [] : ['--branch', ref];
		await git('clone', '--quiet', '--depth', '1', ...branch, '--', url, root);
	}
	const commit = (await git('-C', root, 'rev-parse', 'HEAD')).trim();
	rmSync(join(root, '.git'), { recursive: true, force: true });
	assertBounded(root, url);
	return {
		root,
		resolved: formatSource({ kind: 'git', url, ref: commit }),
		version: readPackage(root)?.version,
	};
}

/** @throws OrchestraError `archive_refused` where there is more than an archive may hold, or something that is no file */
function assertBounded(root: string, url: string): void {
	let entries = 0;
	let bytes = 0;
	const refuse = (why: string) =>
		new OrchestraError('archive_refused', `the repository ${url} ${why}`, {
			hint: 'Nothing of it was kept.',
			details: { url },
		});
	const walk = (folder: string): void => {
		for (const name of readdirSync(folder)) {
			const path = join(folder, name);
			const stats = lstatSync(path);
			if (++entries > archiveLimits.entries)
				throw refuse(`has more than ${archiveLimits.entries} files and folders`);
			if (stats.isDirectory()) walk(path);
			else if (!stats.isFile()) throw refuse(`has something that is no file: ${JSON.stringify(name)}`);
			bytes += stats.isFile() ? stats.size : 0;
			if (bytes > archiveLimits.unpackedBytes) throw refuse('is larger than 512 MiB');
		}
	};
	walk(root);
}
