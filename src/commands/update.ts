import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { confirm } from '../cli/confirm.ts';
import { changesOf, preparedJson } from '../cli/format-install.ts';
import { interruptible } from '../cli/interruptible.ts';
import { withSpinner } from '../cli/spinner.ts';
import { style } from '../cli/style.ts';
import { visibleLine } from '../cli/visible-text.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { commitInstalls } from '../toolchain/install/commit-install.ts';
import { type InstalledPlugin, listInstalled } from '../toolchain/install/list-installed.ts';
import { notInstalled } from '../toolchain/install/not-installed.ts';
import { type PreparedInstall, prepareInstall } from '../toolchain/install/prepare-install.ts';
import { findLock } from '../toolchain/install/project/lock-file.ts';
import { parseSource } from '../toolchain/install/source/install-source.ts';
import { type PluginStore, pluginStore } from '../toolchain/install/store/plugin-store.ts';

export default class Update extends BaseCommand {
	static override summary = 'Install what the sources of plugins have now.';
	static override description =
		'Fetches each plugin again from where it was installed from, shows what changes and, on a terminal, asks. All of them change or none.';
	static override examples = ['<%= config.bin %> update', '<%= config.bin %> update weather --dry-run'];
	static override strict = false;
	static override args = {
		id: Args.string({ description: 'Ids of plugins. [default: all that orchestra installed]' }),
	};
	static override flags = {
		'dry-run': Flags.boolean({ description: 'Only show what would change.' }),
		global: Flags.boolean({ char: 'g', description: 'Leave the lock file of the project alone.' }),
		yes: Flags.boolean({ char: 'y', description: 'Ask nothing.' }),
	};

	async run(): Promise<unknown> {
		const { argv, flags } = await this.parse(Update);
		const store = pluginStore();
		const json = this.jsonEnabled();
		const project = flags.global ? undefined : findLock(process.cwd());
		const chosen = choose(store, listInstalled(store, project), argv as string[]);
		const prepared: PreparedInstall[] = [];
		try {
			return await interruptible(async (signal) => {
				for (const plugin of chosen) {
					const from = plugin.record?.source ?? plugin.source;
					const source = parseSource(from, project);
					const cwd = process.cwd();
					prepared.push(
						await withSpinner(json, `Looking for ${plugin.id}`, (onStep) =>
							prepareInstall(store, source, { cwd, signal, onStep }),
						),
					);
				}
				const changed = prepared.filter(
					({ plugin }) => chosen.find(({ id }) => id === plugin.manifest.id)?.sha256 !== plugin.sha256,
				);
				assertSameIds(chosen, prepared);
				const show = () => changed.map(format).join('\n');
				const install = changed.length > 0 && !flags['dry-run'];
				if (install) {
					await confirm('Update?', { yes: flags.yes, json, show });
					const uses = (id: string) => chosen.find((plugin) => plugin.id === id)?.locked ?? false;
					await commitInstalls(store, changed, { project, uses, signal });
				}
				const value = {
					updated: install,
					changes: changed.map((one) => ({ ...preparedJson(one), changes: changesOf(one) })),
					unchanged: prepared.filter((one) => !changed.includes(one)).map(({ plugin }) => plugin.manifest.id),
				};
				return this.result(value, () => {
					if (changed.length === 0) return 'Everything is as its source has it.';
					return `${show()}\n\n${install ? `${style.green('✔')} Updated` : 'Nothing was changed (--dry-run)'}`;
				});
			});
		} finally {
			for (const one of prepared) one.remove();
		}
	}
}

function choose(
	store: PluginStore,
	installed: readonly InstalledPlugin[],
	ids: readonly string[],
): InstalledPlugin[] {
	if (ids.length === 0) return installed.filter(({ state, locked }) => state !== 'unrecorded' || locked);
	return [...new Set(ids)].map((id) => {
		const found = installed.find((plugin) => plugin.id === id);
		if (!found) throw notInstalled(store, id);
		if (found.record || found.locked) return found;
		throw new OrchestraError('plugin_not_installed', `plugin ${id} was installed by the Go command line`, {
			hint: `Update it with that, or install it anew: orchestra install SOURCE --replace`,
			details: { id, source: found.source },
		});
	});
}

/** @throws OrchestraError `plugin_conflict` where a source has another plugin than before */
function assertSameIds(chosen: readonly InstalledPlugin[], prepared: readonly PreparedInstall[]): void {
	for (const [index, { plugin }] of prepared.entries()) {
		const before = chosen[index];
		if (!before || before.id === plugin.manifest.id) continue;
		throw new OrchestraError(
			'plugin_conflict',
			`${before.source} has plugin ${plugin.manifest.id} now, not ${before.id}`,
			{
				hint: `Nothing was changed. Remove the one and install the other: orchestra uninstall ${before.id}`,
			},
		);
	}
}

function format(install: PreparedInstall): string {
	const changes = changesOf(install).map((text) => `  ${visibleLine(text)}`);
	return [style.bold(install.plugin.manifest.id), ...changes].join('\n');
}
