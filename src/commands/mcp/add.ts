import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { confirm } from '../../cli/confirm.ts';
import { visible } from '../../cli/visible-text.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { ownRuntime } from '../../toolchain/find-runtime.ts';
import {
	addToClient,
	type ClientChange,
	removeFromClient,
} from '../../toolchain/mcp-clients/change-client.ts';
import { mcpClients } from '../../toolchain/mcp-clients/mcp-client.ts';
import { mcpLabel } from '../../toolchain/targets/mcp-target.ts';
import { resolveTarget } from '../../toolchain/targets/resolve-target.ts';
import type { Target } from '../../toolchain/targets/target.ts';

export default class McpAdd extends BaseCommand {
	static override summary = 'Put plugins into an MCP client, as a server that it starts.';
	static override description =
		'Shows what is changed in the file of the client, and asks. Other servers there stay as they are.';
	static override examples = [
		'<%= config.bin %> mcp add claude-desktop examples/weather',
		'<%= config.bin %> mcp add vscode . --name mine',
		'<%= config.bin %> mcp add cursor --undo',
	];
	static override usage = 'mcp add CLIENT [TARGET...] [FLAGS]';
	static override strict = false;
	static override args = {
		client: Args.string({
			description: 'The client.',
			required: true,
			options: mcpClients.map(({ name }) => name),
		}),
	};
	static override flags = {
		name: Flags.string({
			description: 'What the client calls it. [default: the name of the first plugin]',
			helpValue: 'NAME',
		}),
		undo: Flags.boolean({
			description: 'Take out what this command has put there: all of it, or what has --name.',
		}),
		yes: Flags.boolean({ char: 'y', description: 'Ask nothing.' }),
	};

	async run(): Promise<unknown> {
		const { args, argv, flags } = await this.parse(McpAdd);
		const client = mcpClients.find(({ name }) => name === args.client);
		if (!client) throw new OrchestraError('usage', `there is no client ${args.client}`);
		const targets = (argv as string[]).slice(1);
		const change = flags.undo
			? removeFromClient(client, process.cwd(), flags.name === undefined ? [] : [flags.name])
			: this.adding(client, targets, flags.name);
		const { path, diff, names } = change;
		if (diff.length === 0) {
			return this.result({ path, changed: false, servers: [...names] }, () =>
				flags.undo ? `${path} has nothing of ours.` : `${path} has it already.`,
			);
		}
		await confirm('Change it?', {
			yes: flags.yes,
			json: this.jsonEnabled(),
			show: () => `${path}\n${visible(diff.join('\n'))}`,
		});
		change.make();
		return this.result(
			{ path, changed: true, servers: [...names] },
			() =>
				`${path}\n${visible(diff.join('\n'))}\n\nRestart ${client.title}, or reload its servers. --undo takes it back.`,
		);
	}

	private adding(
		client: (typeof mcpClients)[number],
		words: readonly string[],
		name: string | undefined,
	): ClientChange {
		const [first] = words;
		if (first === undefined) {
			throw new OrchestraError('usage', 'which plugins?', {
				hint: 'Name folders, modules, executables or ids of installed plugins behind the client.',
			});
		}
		const targets = words.map((word) => ({ word, target: resolveTarget(word) }));
		const served = targets.map(({ word, target }) => wordFor(word, target));
		return addToClient(client, process.cwd(), name ?? nameOf(targets[0]?.target, first), {
			command: process.execPath,
			args: [...runtimeArguments(), realpathSync(process.argv[1] ?? ''), 'serve', ...served, '--mcp'],
		});
	}
}

/** The client starts it from a folder of its own: paths are whole. The id of an installed plugin stays what it is. */
function wordFor(word: string, target: Target): string {
	if (target.kind === 'address') {
		throw new OrchestraError('usage', `${word} is an address: only plugins can be served`);
	}
	if (target.kind === 'mcp') return word;
	return target.check ? word : resolve(word);
}

function nameOf(target: Target | undefined, word: string): string {
	if (target?.kind === 'mcp') return target.label;
	return mcpLabel({ command: resolve(word) });
}

function runtimeArguments(): string[] {
	return ownRuntime === 'deno' ? ['run', '-A', '--quiet'] : [];
}
