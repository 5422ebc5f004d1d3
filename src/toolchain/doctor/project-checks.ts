import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shellWord } from '../../runtime/platform/shell-word.ts';
import { messageOf } from '../../runtime/wire/thrown-value.ts';
import { findConfiguration } from '../configuration/find-configuration.ts';
import { readConfiguration } from '../configuration/read-configuration.ts';
import { countOf } from '../count-of.ts';
import { findInstalled } from '../install/find-installed.ts';
import { findLock, lockFileName, readLock } from '../install/project/lock-file.ts';
import { pluginStore } from '../install/store/plugin-store.ts';
import { toolchainRoot, toolchainVersion } from '../installation.ts';
import { type DoctorCheck, type DoctorFinding, faultOf } from './finding.ts';

const ownName = 'orchestra-toolchain';

/** Whether the packages of a project are there, this one first: editors and tests find it by the link in node_modules. */
export const packagesCheck: DoctorCheck = {
	name: 'packages',
	run({ folder }) {
		const check = 'packages';
		const file = join(folder, 'package.json');
		if (!existsSync(file)) return [{ check, state: 'ok', message: 'there is no package.json here' }];
		let wanted: Record<string, string>;
		try {
			const { dependencies, devDependencies } = JSON.parse(readFileSync(file, 'utf8')) as Record<
				string,
				Record<string, string> | undefined
			>;
			wanted = { ...dependencies, ...devDependencies };
		} catch (error) {
			return [
				{
					check,
					state: 'fault',
					message: `package.json cannot be read: ${messageOf(error)}`,
					// npm cannot read it either.
					mend: `vi ${shellWord(file)}`,
				},
			];
		}
		const missing = Object.keys(wanted).filter((name) => installedAt(folder, name) === undefined);
		const findings: DoctorFinding[] = [];
		if (ownName in wanted) findings.push(ownLink(folder, missing.includes(ownName)));
		const others = missing.filter((name) => name !== ownName);
		if (others.length > 0) {
			findings.push({
				check,
				state: 'fault',
				message: `${others.join(', ')} is not installed`,
				mend: 'npm install',
			});
		} else if (findings.length === 0) {
			findings.push({
				check,
				state: 'ok',
				message: `nothing is missing of ${countOf(Object.keys(wanted).length, 'package')}`,
			});
		}
		return findings;
	},
};

/** The folder of a package, in the node_modules of a folder or of one above it, as runtimes look for it. */
function installedAt(folder: string, name: string): string | undefined {
	const path = join(folder, 'node_modules', name);
	if (existsSync(join(path, 'package.json'))) return path;
	return folder === dirname(folder) ? undefined : installedAt(dirname(folder), name);
}

function ownLink(folder: string, isMissing: boolean): DoctorFinding {
	const check = 'packages';
	const path = installedAt(folder, ownName) ?? join(folder, 'node_modules', ownName);
	if (isMissing) {
		const dangling = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
		return {
			check,
			state: 'fault',
			message: dangling
				? `the link node_modules/${ownName} leads to where nothing is`
				: `${ownName} is not in node_modules: neither editors nor tests find it`,
			mend: 'npm install',
		};
	}
	if (realpathSync(path) === realpathSync(toolchainRoot))
		return { check, state: 'ok', message: `node_modules/${ownName} is this very one` };
	const { version } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as { version?: string };
	if (version === toolchainVersion())
		return { check, state: 'ok', message: `${ownName} ${version} is installed here` };
	return {
		check,
		state: 'warning',
		message: `node_modules has ${ownName} ${version}, and this is ${toolchainVersion()}: tests and commands run another`,
		mend: `npm install ${ownName}@${toolchainVersion()}`,
	};
}

/** Whether the configuration file can be served. */
export const configurationCheck: DoctorCheck = {
	name: 'configuration',
	async run({ folder }) {
		const check = 'configuration';
		const file = findConfiguration(folder);
		if (file === undefined) return [{ check, state: 'ok', message: 'there is no orchestra.yaml here' }];
		try {
			const { plugins } = await readConfiguration(file);
			return [{ check, state: 'ok', message: `${file} names ${countOf(plugins.length, 'plugin')}` }];
		} catch (error) {
			return [faultOf(check, error)];
		}
	},
};

/** Whether what the lock file names is installed. */
export const lockCheck: DoctorCheck = {
	name: 'lock file',
	run({ folder }) {
		const check = 'lock file';
		const project = findLock(folder);
		if (project === undefined) return [{ check, state: 'ok', message: `there is no ${lockFileName} here` }];
		try {
			const store = pluginStore();
			const ids = [...readLock(project).keys()];
			const findings = ids.flatMap((id) => {
				try {
					findInstalled(store, id, project);
					return [];
				} catch (error) {
					return [faultOf(check, error)];
				}
			});
			if (findings.length > 0) return findings;
			return [
				{
					check,
					state: 'ok',
					message: `${lockFileName} names ${countOf(ids.length, 'plugin')}, installed as it says`,
				},
			];
		} catch (error) {
			return [faultOf(check, error)];
		}
	},
};
