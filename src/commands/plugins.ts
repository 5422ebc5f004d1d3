import { BaseCommand } from '../cli/base-command.ts';
import { style } from '../cli/style.ts';
import { formatTable } from '../cli/table.ts';
import { visibleLine } from '../cli/visible-text.ts';
import { listInstalled } from '../toolchain/install/list-installed.ts';
import { findLock } from '../toolchain/install/project/lock-file.ts';
import { pluginStore } from '../toolchain/install/store/plugin-store.ts';

export default class Plugins extends BaseCommand {
	static override summary = 'List the installed plugins, and say which of them may be run.';
	static override description =
		'Every file is held against what was installed. In a project with an orchestra.lock the versions are those that it names. A plugin ' +
		'that the Go command line installed is "unrecorded": nothing says what its file has to be.';
	static override examples = ['<%= config.bin %> plugins', '<%= config.bin %> plugins --json'];

	async run(): Promise<unknown> {
		await this.parse(Plugins);
		const store = pluginStore();
		const project = findLock(process.cwd());
		const plugins = listInstalled(store, project);
		if (plugins.length === 0)
			this.note(`No plugins are installed in ${store.dir}. orchestra install SOURCE installs one.`);
		const value = {
			dir: store.dir,
			...(project === undefined ? {} : { project }),
			plugins: plugins.map(({ record, ...plugin }) => ({
				...plugin,
				...(record ? { kind: record.kind, manifest: record.manifest } : {}),
			})),
		};
		return this.result(value, () => {
			if (plugins.length === 0) return '';
			const rows = plugins.map(({ id, version, state, tools, source, locked }) => [
				visibleLine(id),
				visibleLine(version),
				state === 'ok' ? state : style.red(state),
				`${tools.length}`,
				`${visibleLine(source)}${locked ? style.dim(' (locked)') : ''}`,
			]);
			const problems = plugins.flatMap(({ problem }) =>
				problem === undefined ? [] : [visibleLine(problem)],
			);
			return [formatTable(['plugin', 'version', 'state', 'tools', 'from'], rows), ...problems].join('\n');
		});
	}
}
