import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { formatPrompt, formatPromptList, promptSignature } from '../cli/format-prompt.ts';
import { readPromptArguments } from '../cli/prompt-arguments.ts';
import { targetFlags } from '../cli/target-flags.ts';
import { withTarget } from '../cli/with-target.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { nearest } from '../toolchain/nearest.ts';

export default class Prompt extends BaseCommand {
	static override summary = 'Fill in a prompt of a plugin and print it.';
	static override description =
		'Without a name it lists the prompts with their arguments. An argument is key=text, or key=@file with the text of a file.';
	static override examples = [
		'<%= config.bin %> prompt examples/release-notes',
		'<%= config.bin %> prompt examples/release-notes release_notes version=1.2.0',
		'<%= config.bin %> prompt quic://127.0.0.1:50100 release_notes version=1.2.0 --json',
	];
	static override usage = 'prompt TARGET [NAME] [ARGUMENT...] [FLAGS]';
	static override strict = false;
	static override args = {
		target: Args.string({ description: 'What to ask: a path or an address.', required: true }),
		name: Args.string({ description: 'The name of the prompt. [default: list them]' }),
	};
	static override flags = targetFlags;

	async run(): Promise<unknown> {
		const { args, flags, argv } = await this.parse(Prompt);
		const words = (argv as string[]).slice(2);
		return withTarget(
			args.target,
			{ ...flags, json: this.jsonEnabled() },
			async ({ target, signal, timeoutMs }) => {
				const options = { signal, timeoutMs };
				const prompts = await target.client.listPrompts(options);
				if (args.name === undefined) return this.result({ prompts }, () => formatPromptList(prompts));
				const prompt = prompts.find(({ name }) => name === args.name);
				if (!prompt) {
					const names = prompts.map(({ name }) => name);
					const near = nearest(args.name, names);
					const hint = near
						? `Did you mean ${near}?`
						: names.length > 0
							? `It has: ${names.join(', ')}.`
							: 'It has no prompts at all.';
					throw new OrchestraError('prompt_not_found', `there is no prompt named ${args.name}`, {
						hint,
						details: { prompts: names },
					});
				}
				const given = await readPromptArguments(words, prompt);
				const missing = prompt.arguments.filter(
					({ name, required }) => required && given[name] === undefined,
				);
				if (missing.length > 0) {
					const names = missing.map(({ name }) => name);
					throw new OrchestraError(
						'invalid_arguments',
						`prompt ${prompt.name} needs ${names.join(' and ')}`,
						{
							hint: `It takes: ${promptSignature(prompt)}`,
							details: { missing: names },
						},
					);
				}
				const filled = await target.client.getPrompt(prompt.name, given, options);
				return this.result(filled, () => formatPrompt(filled));
			},
		);
	}
}
