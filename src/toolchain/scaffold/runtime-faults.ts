import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { findDeno } from '../find-deno.ts';
import { toolchainRoot } from '../installation.ts';
import { oldestDeno, versionOf } from '../program-version.ts';
import type { ScaffoldRuntime } from './template.ts';

/**
 * Faults of this machine that keep one from developing a plugin with a runtime, a sentence each: the files can be made all the same.
 *
 * @param dir the folder of the plugin, which may have a Deno among its packages
 */
export function runtimeFaults(runtime: ScaffoldRuntime, dir: string): string[] {
	if (runtime === 'node') return nodeFaults();
	const deno = findDeno(dir);
	if (deno === undefined) {
		return [
			'There is no deno in the PATH. Install it from https://deno.com, or with npm i -D deno in the folder.',
		];
	}
	const version = versionOf(deno);
	if (version === undefined) return [`${deno} does not say its version. Does it run?`];
	if (semver.gte(version, oldestDeno)) return [];
	return [`Deno ${version} is older than ${oldestDeno}, which the plugin needs. Run: deno upgrade`];
}

/** Faults of the Node that the scripts of a package.json find, whichever one runs this. */
function nodeFaults(): string[] {
	const { engines } = JSON.parse(readFileSync(join(toolchainRoot, 'package.json'), 'utf8')) as {
		engines: { node: string };
	};
	const version = versionOf('node');
	if (version === undefined) return ['There is no node in the PATH. Install it from https://nodejs.org.'];
	if (semver.satisfies(version, engines.node)) return [];
	const needed = semver.minVersion(engines.node)?.version;
	return [
		`The node in the PATH is ${version}, and the plugin needs ${engines.node}. Run: nvm install ${needed}`,
	];
}
