import { writeFile } from 'node:fs/promises';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { style } from '../cli/style.ts';
import { targetFlags } from '../cli/target-flags.ts';
import { withTarget } from '../cli/with-target.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { messageOf } from '../runtime/wire/thrown-value.ts';
import { writeClient } from '../toolchain/client-types/write-client.ts';
import { countOf } from '../toolchain/count-of.ts';

export default class Types extends BaseCommand {
	static override summary = 'Write a typed client of a plugin in TypeScript, from its schemas.';
	static override description =
		'A module with the types of what each tool takes and, where its plugin describes it, answers, and a function that makes a client with a ' +
		'method for each tool; the same for prompts. It imports types only. The target may be written in any language.';
	static override examples = [
		'<%= config.bin %> types examples/weather --out weather-client.ts',
		'<%= config.bin %> types ./my-go-plugin',
		'<%= config.bin %> types tcp://127.0.0.1:50101 --name Tools --out tools.ts',
	];
	static override args = {
		target: Args.string({ description: 'What to write a client of: a path or an address.', required: true }),
	};
	static override flags = {
		out: Flags.string({ description: 'The file to write. [default: standard output]', helpValue: 'FILE' }),
		name: Flags.string({
			description: "What the client is called after. [default: the plugin's id]",
			helpValue: 'NAME',
		}),
		...targetFlags,
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(Types);
		const { target: word } = args;
		return withTarget(word, { ...flags, json: this.jsonEnabled() }, async ({ target, signal, timeoutMs }) => {
			const options = { signal, timeoutMs };
			const tools = await target.client.listTools(options);
			const prompts = await target.client.listPrompts(options);
			const [only, ...others] = target.manifests;
			const id = others.length === 0 ? (only?.id ?? target.link.peer.name) : 'orchestra';
			const name = flags.name ?? id;
			const out = flags.out === undefined ? '' : ` --out ${flags.out}`;
			const command = `orchestra types ${word}${flags.name ? ` --name ${flags.name}` : ''}${out}`;
			const source = writeClient({ name, command, tools, prompts });
			const value = { name, tools: tools.length, prompts: prompts.length };
			if (flags.out === undefined) return this.result({ ...value, source }, () => source);
			await write(flags.out, source);
			const { out: file } = flags;
			return this.result(
				{ ...value, file },
				() => `${style.green('✔')} Wrote ${file}: ${countOf(tools.length, 'tool')}`,
			);
		});
	}
}

/** @throws OrchestraError `output_failed` */
async function write(file: string, source: string): Promise<void> {
	try {
		await writeFile(file, source);
	} catch (error) {
		throw new OrchestraError('output_failed', `the client cannot be written: ${messageOf(error)}`, {
			hint: 'Name a file in a folder that exists.',
			cause: error,
		});
	}
}
