import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { findPrompt } from '../cli/find-prompt.ts';
import { formatFilledPrompt, formatPrompts } from '../cli/format-prompts.ts';
import { readPromptArguments } from '../cli/prompt-arguments.ts';
import { targetFlags } from '../cli/target-flags.ts';
import { withTarget } from '../cli/with-target.ts';

export default class Prompt extends BaseCommand {
	static override summary = 'Fill in a prompt of a plugin and print its messages, or list its prompts.';
	static override description =
		'Without a name it lists the prompts with their arguments. Arguments are texts: key=text, key=@file, key=@- for ' +
		'standard input. One user message is printed as it is; several stand under their roles.';
	static override examples = [
		'<%= config.bin %> prompt examples/release-notes',
		'<%= config.bin %> prompt . review language=Go code=@main.go',
		'<%= config.bin %> prompt quic://127.0.0.1:50100 review language=Go --json',
	];
	static override usage = 'prompt TARGET [NAME] [ARGUMENT...] [FLAGS]';
	static override strict = false;
	static override args = {
		target: Args.string({ description: 'Which plugin: a path or an address.', required: true }),
		name: Args.string({ description: 'The name of the prompt.' }),
	};
	static override flags = {
		'allow-unknown': Flags.boolean({ description: 'Pass arguments that the prompt does not list.' }),
		...targetFlags,
	};

	async run(): Promise<unknown> {
		const { args, flags, argv } = await this.parse(Prompt);
		const words = (argv as string[]).slice(2);
		return withTarget(
			args.target,
			{ ...flags, json: this.jsonEnabled() },
			async ({ target: { client }, signal, timeoutMs }) => {
				const options = { signal, timeoutMs };
				if (args.name === undefined) {
					const prompts = await client.listPrompts(options);
					return this.result({ prompts }, () => formatPrompts(prompts));
				}
				const prompt = await findPrompt(client, args.name, options);
				const input = await readPromptArguments(words, prompt, flags['allow-unknown']);
				const filled = await client.getPrompt(prompt.name, input, options);
				return this.result(filled, () => formatFilledPrompt(filled, process.stdout.isTTY));
			},
		);
	}
}
