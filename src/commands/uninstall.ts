import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { interruptible } from '../cli/interruptible.ts';
import { style } from '../cli/style.ts';
import { findLock, lockFileName } from '../toolchain/install/project/lock-file.ts';
import { pluginStore } from '../toolchain/install/store/plugin-store.ts';
import { uninstallPlugin } from '../toolchain/install/uninstall-plugin.ts';

export default class Uninstall extends BaseCommand {
	static override summary = 'Remove an installed plugin.';
	static override description =
		'Takes it out of the registry and, in a project, out of orchestra.lock. Its files stay for as long as the lock file of another ' +
		'project names them.';
	static override examples = ['<%= config.bin %> uninstall weather'];
	static override args = {
		id: Args.string({ description: "The plugin's id.", required: true }),
	};
	static override flags = {
		global: Flags.boolean({ char: 'g', description: 'Leave the lock file of the project alone.' }),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(Uninstall);
		const project = flags.global ? undefined : findLock(process.cwd());
		const removed = await interruptible((signal) =>
			uninstallPlugin(pluginStore(), args.id, { project, signal }),
		);
		return this.result(removed, () => {
			const where = removed.unlocked ? ` and took it out of ${lockFileName}` : '';
			return `${style.green('✔')} Removed ${style.bold(removed.id)} ${removed.version}${where}`;
		});
	}
}
