import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { shellScripts, shells } from '../cli/completion/shell-script.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';

export default class Completion extends BaseCommand {
	static override summary = 'Print the script that completes orchestra in your shell.';
	static override description =
		'It completes commands, flags, targets, the names of tools and of their arguments, and the values that a schema lists. Nothing is ' +
		'started or written for it: the tools of a folder are offered once its plugin has been called as it is, those of a running server where ' +
		'there is a certificate to ask it with.';
	static override examples = [
		'eval "$(<%= config.bin %> completion bash)"   # in ~/.bashrc',
		'eval "$(<%= config.bin %> completion zsh)"    # in ~/.zshrc, after compinit',
		'<%= config.bin %> completion fish | source    # in ~/.config/fish/config.fish',
	];
	static override args = {
		shell: Args.string({ description: 'The shell: bash, zsh or fish.', required: true }),
	};

	async run(): Promise<unknown> {
		const { args } = await this.parse(Completion);
		const shell = shells.find((name) => name === args.shell);
		if (shell === undefined) throw unknownShell(args.shell);
		return this.result({ shell, script: shellScripts[shell] }, () => shellScripts[shell]);
	}
}

function unknownShell(given: string): OrchestraError {
	const near = nearest(given, shells);
	return new OrchestraError('usage', `there is no completion for the shell ${given}`, {
		hint: near ? `Did you mean ${near}? There is ${list}.` : `There is one for ${list}.`,
	});
}

const list = 'bash, zsh and fish';
