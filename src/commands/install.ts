import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { confirm } from '../cli/confirm.ts';
import { changesOf, formatPrepared, preparedJson } from '../cli/format-install.ts';
import { interruptible } from '../cli/interruptible.ts';
import { withSpinner } from '../cli/spinner.ts';
import { style } from '../cli/style.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { assertNoConflict, commitInstalls } from '../toolchain/install/commit-install.ts';
import { installLock } from '../toolchain/install/install-lock.ts';
import { prepareInstall } from '../toolchain/install/prepare-install.ts';
import { findProjectFolder, lockFileName } from '../toolchain/install/project/lock-file.ts';
import { type InstallSource, parseSource } from '../toolchain/install/source/install-source.ts';
import { pluginStore } from '../toolchain/install/store/plugin-store.ts';

export default class Install extends BaseCommand {
	static override summary = 'Install a plugin, so that its id names it everywhere.';
	static override description =
		'From a folder, a .tgz, an npm package (with your own npm, no script runs), a git URL (with your own git), an executable, or an MCP ' +
		'server of npm or in an .mcpb. It ' +
		'shows what the plugin provides and needs and, on a terminal, asks. In a project it notes version and SHA-256 in orchestra.lock; ' +
		'without a source it installs what is noted there.';
	static override examples = [
		'<%= config.bin %> install ./weather',
		'<%= config.bin %> install weather-1.0.0.tgz --yes',
		'<%= config.bin %> install @acme/weather@^1',
		'<%= config.bin %> install git+https://example.org/weather.git#v1.0.0',
		'<%= config.bin %> install npm:@modelcontextprotocol/server-everything',
		'<%= config.bin %> install --frozen',
	];
	static override args = {
		source: Args.string({ description: 'Folder, .tgz, npm package, git URL or executable.' }),
	};
	static override flags = {
		frozen: Flags.boolean({ description: 'Install exactly what orchestra.lock names, and nothing else.' }),
		replace: Flags.boolean({ description: 'Replace a plugin of the same id that comes from elsewhere.' }),
		global: Flags.boolean({ char: 'g', description: 'Leave the lock file of the project alone.' }),
		yes: Flags.boolean({ char: 'y', description: 'Ask nothing.' }),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(Install);
		const project = flags.global ? undefined : findProjectFolder(process.cwd());
		if (args.source === undefined) return this.#installLock(project);
		if (flags.frozen) {
			throw new OrchestraError('usage', `--frozen installs what ${lockFileName} names: it takes no source`, {
				hint: 'Leave the source or --frozen out.',
			});
		}
		return this.#install(parseSource(args.source), projectFor(project, args.source), flags);
	}

	async #install(
		source: InstallSource,
		project: string | undefined,
		flags: { yes: boolean; replace: boolean },
	): Promise<unknown> {
		const store = pluginStore();
		const json = this.jsonEnabled();
		const cwd = process.cwd();
		return interruptible(async (signal) => {
			const prepared = await withSpinner(json, 'Looking', (onStep) =>
				prepareInstall(store, source, { cwd, signal, onStep }),
			);
			try {
				const { previous, plugin } = prepared;
				assertNoConflict(store, prepared, flags);
				const changes = changesOf(prepared);
				const show = () => [formatPrepared(prepared), ...changes.map((text) => `  ${text}`)].join('\n');
				await confirm(previous ? 'Install it in place of that one?' : 'Install it?', {
					yes: flags.yes,
					json,
					show,
				});
				await withSpinner(json, 'Installing', () =>
					commitInstalls(store, [prepared], { project, replace: flags.replace, signal }),
				);
				const value = { ...preparedJson(prepared), ...(project === undefined ? {} : { project }) };
				return this.result(value, () => {
					const where = project === undefined ? '' : ` and noted it in ${lockFileName}`;
					const tools = plugin.manifest.provides_tools[0];
					const next =
						tools === undefined ? `inspect ${plugin.manifest.id}` : `call ${plugin.manifest.id} ${tools}`;
					return `${show()}\n\n${style.green('✔')} Installed ${style.bold(plugin.manifest.id)}${where}\n\n  orchestra ${next}\n`;
				});
			} finally {
				prepared.remove();
			}
		});
	}

	async #installLock(project: string | undefined): Promise<unknown> {
		if (project === undefined) {
			throw new OrchestraError('usage', `there is no source, and no project with ${lockFileName} here`, {
				hint: 'Name a folder, a .tgz, an npm package, a git URL or an executable.',
			});
		}
		const installed = await interruptible((signal) =>
			withSpinner(this.jsonEnabled(), `Installing what ${lockFileName} names`, (onStep) =>
				installLock(pluginStore(), project, { cwd: project, signal, onStep }),
			),
		);
		return this.result({ project, plugins: installed }, () => {
			const list = installed.map(({ id, version, fetched }) => {
				return `  ${style.bold(id)}${version ? ` ${version}` : ''}${fetched ? '' : style.dim(' there already')}`;
			});
			return [`${style.green('✔')} Installed what ${lockFileName} names`, ...list].join('\n');
		});
	}
}

/** A plugin that is installed from its own folder does not become a part of itself. */
function projectFor(project: string | undefined, word: string): string | undefined {
	const source = parseSource(word);
	return project !== undefined &&
		'path' in source &&
		findProjectFolder(source.path) === project &&
		source.path === project
		? undefined
		: project;
}
