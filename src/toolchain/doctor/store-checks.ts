import { existsSync } from 'node:fs';
import { shellWord } from '../../runtime/platform/shell-word.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { countOf } from '../count-of.ts';
import { listInstalled } from '../install/list-installed.ts';
import { assertOwnStore, pluginStore } from '../install/store/plugin-store.ts';
import { cacheDir, ownFolder } from '../load/cache-folder.ts';
import { type DoctorCheck, faultOf } from './finding.ts';

/** Whether the registry can be read, and what is installed is what was installed. */
export const registryCheck: DoctorCheck = {
	name: 'registry',
	run() {
		const check = 'registry';
		const store = pluginStore();
		try {
			assertOwnStore(store);
			const plugins = listInstalled(store);
			const faults = plugins.flatMap(({ id, state, problem, source }) => {
				if (state !== 'changed' && state !== 'missing') return [];
				const mend = `orchestra install ${shellWord(source)} --replace --yes`;
				return [
					{ check, state: 'fault' as const, message: `plugin ${id} does not run: ${problem ?? state}`, mend },
				];
			});
			if (faults.length > 0) return faults;
			return [{ check, state: 'ok', message: `${store.dir} holds ${countOf(plugins.length, 'plugin')}` }];
		} catch (error) {
			const file = shellWord(store.registryFile);
			const hasCommand = error instanceof OrchestraError && /Run: /.test(error.hint ?? '');
			return [
				faultOf(
					check,
					error,
					hasCommand ? undefined : `mv ${file} ${shellWord(`${store.registryFile}.broken`)}`,
				),
			];
		}
	},
};

/** Whether compiled plugins are kept: what lies in the cache is run, so it must be this user's alone. */
export const cacheCheck: DoctorCheck = {
	name: 'cache',
	run() {
		const check = 'cache';
		const dir = cacheDir();
		if (dir === undefined) {
			const message = 'this user has no home: plugins are compiled anew at every start';
			return [{ check, state: 'warning', message, mend: 'export ORCHESTRA_CACHE_DIR=/var/cache/orchestra' }];
		}
		if (!existsSync(dir))
			return [{ check, state: 'ok', message: `${dir} is made when a plugin is compiled` }];
		if (ownFolder(dir) !== undefined)
			return [{ check, state: 'ok', message: `compiled plugins are kept in ${dir}` }];
		const message = `others may write to ${dir}: plugins are compiled anew at every start`;
		return [{ check, state: 'warning', message, mend: `chmod go-w ${shellWord(dir)}` }];
	},
};
