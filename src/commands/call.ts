import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { explainedFailure, makeCall, readCall, type ToolCall } from '../cli/call-tool.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { findTool } from '../cli/find-tool.ts';
import { formatTool, formatToolList } from '../cli/format-tool.ts';
import { targetFlags } from '../cli/target-flags.ts';
import { assertTerminal } from '../cli/terminal-check.ts';
import { toolHelpFlag } from '../cli/tool-help.ts';
import { toolOutput } from '../cli/tool-output.ts';
import { traceParentFlag } from '../cli/trace-flag.ts';
import { type TargetSession, withTarget } from '../cli/with-target.ts';

export default class Call extends BaseCommand {
	static override summary = 'Call a tool of a plugin and print its result.';
	static override description =
		'The target is a folder or module with a plugin in it (runs in this process; with --spawn in one of its own), an ' +
		'executable, or an address such as quic://127.0.0.1:50100.\n\n' +
		'Arguments: key=text (or what the schema asks for), key:=json, key=@file, key:=@file.json. A streaming tool prints ' +
		'each chunk as it comes. Ctrl-C cancels, at the plugin too.';
	static override examples = [
		'<%= config.bin %> call examples/weather forecast city=Oslo days=3',
		'<%= config.bin %> call . forecast --input request.json --json',
		'<%= config.bin %> call quic://127.0.0.1:50100 forecast city=Oslo --timeout 5s',
	];
	static override usage = 'call TARGET [TOOL] [ARGUMENT...] [FLAGS]';
	static override strict = false;
	static override args = {
		target: Args.string({ description: 'What to call: a path or an address.', required: true }),
		tool: Args.string({ description: 'The name of the tool. [default: list them]' }),
	};
	static override flags = {
		input: Flags.string({
			description: 'A JSON file with the arguments; - reads standard input.',
			helpValue: 'FILE',
		}),
		[toolHelpFlag]: Flags.boolean({ hidden: true }),
		'allow-unknown': Flags.boolean({
			description: "Pass arguments that the tool's schema does not list.",
		}),
		provider: Flags.string({
			description: 'The AI provider that the call is for, where plugins of several have the tool.',
			helpValue: 'NAME',
		}),
		plugin: Flags.string({
			description: 'The plugin that has to answer, where several have the tool.',
			helpValue: 'ID',
		}),
		'trace-parent': traceParentFlag,
		tui: Flags.boolean({
			description:
				'Show the call on the whole terminal: progress, stream, logs, result, where its time went. The result is printed when it is left.',
		}),
		...targetFlags,
	};

	async run(): Promise<unknown> {
		const { args, flags, argv } = await this.parse(Call);
		const words = (argv as string[]).slice(2);
		const word = args.target;
		if (flags.tui)
			assertTerminal('call --tui', 'Leave --tui out: the result is printed then.', this.jsonEnabled());
		return withTarget(word, { ...flags, json: this.jsonEnabled() }, async (session) => {
			const { target, signal, timeoutMs } = session;
			const { client } = target;
			const { plugin } = flags;
			if (args.tool === undefined) {
				if (flags.tui) return this.showCall(session, word);
				const tools = await client.listTools({ signal, timeoutMs });
				return this.result({ tools }, () => formatToolList(tools, word));
			}
			if (flags[toolHelpFlag]) {
				const tool = await findTool(client, args.tool, { signal, timeoutMs, plugin }, true);
				return this.result(tool, () => formatTool(tool, word));
			}
			const call = await readCall(session, args.tool, words, flags);
			if (flags.tui) return this.showCall(session, word, call);
			await makeCall(session, call, { json: this.jsonEnabled(), verbose: flags.verbose });
			return undefined;
		});
	}

	/** Makes a call on the whole terminal, or without one lets a person choose it; what it came to is printed after that. */
	private async showCall(
		{ target, output, signal, timeoutMs }: TargetSession,
		word: string,
		call?: ToolCall,
	): Promise<void> {
		const { runTui, TargetFeed } = await import('../tui/index.ts');
		const feed = new TargetFeed(target, word);
		output.divert((line) => feed.log({ ...line, plugin: line.plugin || word }));
		const made = call && feed.start(call.tool, call.input, { ...call, timeoutMs });
		const end = await runTui({ feed, signal, opens: made ? { call: made.id } : 'call' }).finally(() =>
			output.divert(undefined),
		);
		const outcome = await made?.ended;
		if (outcome && 'error' in outcome)
			throw outcome.error && call ? explainedFailure(outcome.error, call.tool) : outcome.error;
		if (outcome?.result) toolOutput(this.jsonEnabled()).result(outcome.result);
		if (end !== 'quit') this.exit(exitCodes.interrupted);
	}
}
