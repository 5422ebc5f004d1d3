import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import semver from 'semver';
import { findDeno } from '../find-deno.ts';
import { toolchainRoot, toolchainVersion } from '../installation.ts';
import { oldestDeno, versionOf } from '../program-version.ts';
import type { DoctorCheck, DoctorFinding } from './finding.ts';

function enginesOf(folder: string): string | undefined {
	try {
		const { engines } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
			engines?: { node?: unknown };
		};
		return typeof engines?.node === 'string' ? engines.node : undefined;
	} catch {
		return undefined; // None, or one that the check of the project speaks of.
	}
}

/** Whether this runtime is new enough, for this software and for the project. */
export const runtimeCheck: DoctorCheck = {
	name: 'runtime',
	run({ folder }) {
		const check = 'runtime';
		const deno = (globalThis as { Deno?: { version: { deno: string } } }).Deno?.version.deno;
		if (deno !== undefined) {
			return [
				semver.gte(deno, oldestDeno)
					? { check, state: 'ok', message: `Deno ${deno}, orchestra ${toolchainVersion()}` }
					: {
							check,
							state: 'fault',
							message: `Deno ${deno} is older than ${oldestDeno}`,
							mend: 'deno upgrade',
						},
			];
		}
		const { node } = process.versions;
		for (const [whose, range] of [
			['orchestra', enginesOf(toolchainRoot)],
			['this project', enginesOf(folder)],
		] as const) {
			if (range === undefined || semver.validRange(range) === null || semver.satisfies(node, range)) continue;
			const version = semver.minVersion(range)?.version ?? range;
			return [
				{
					check,
					state: 'fault',
					message: `${whose} needs Node ${range}, and this is ${node}`,
					mend: `nvm install ${version}`,
				},
			];
		}
		return [{ check, state: 'ok', message: `Node ${node}, orchestra ${toolchainVersion()}` }];
	},
};

/** Whether the programs are there that a project is developed with. */
export const programsCheck: DoctorCheck = {
	name: 'programs',
	run({ folder }) {
		const check = 'programs';
		const findings: DoctorFinding[] = [];
		if (['deno.json', 'deno.jsonc'].some((name) => existsSync(join(folder, name)))) {
			const deno = findDeno(folder);
			const version = deno === undefined ? undefined : versionOf(deno);
			if (version === undefined) {
				const message = 'this project is run by Deno, which is neither in the PATH nor among its packages';
				findings.push({ check, state: 'fault', message, mend: 'npm install --save-dev deno' });
			} else if (semver.lt(version, oldestDeno)) {
				findings.push({
					check,
					state: 'fault',
					message: `Deno ${version} is older than ${oldestDeno}`,
					mend: 'deno upgrade',
				});
			} else {
				findings.push({ check, state: 'ok', message: `Deno ${version} runs this project` });
			}
		}
		const npm = versionOf('npm');
		findings.push(
			npm === undefined
				? {
						check,
						state: 'warning',
						message: 'there is no npm in the PATH: init, install and update need it for packages',
						mend: 'nvm install --lts',
					}
				: { check, state: 'ok', message: `npm ${npm}` },
		);
		return findings;
	},
};
