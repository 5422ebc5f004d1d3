import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { findTool } from '../cli/find-tool.ts';
import { formatCallTime } from '../cli/format-call-time.ts';
import { formatTool, formatToolList } from '../cli/format-tool.ts';
import { assertListed } from '../cli/listed-arguments.ts';
import { outputText } from '../cli/output-text.ts';
import { progressLine } from '../cli/progress-line.ts';
import { errorStyle } from '../cli/style.ts';
import { targetFlags } from '../cli/target-flags.ts';
import { assertTerminal } from '../cli/terminal-check.ts';
import { readToolArguments } from '../cli/tool-arguments.ts';
import { toolHelpFlag } from '../cli/tool-help.ts';
import { type ToolOutput, toolOutput } from '../cli/tool-output.ts';
import { toolSignature } from '../cli/tool-signature.ts';
import { traceParentFlag } from '../cli/trace-flag.ts';
import { type TargetSession, withTarget } from '../cli/with-target.ts';
import type { ConnectionSetup } from '../runtime/carrier/carrier.ts';
import type { ExchangeTiming } from '../runtime/carrier/exchange-timing.ts';
import type { ListedTool } from '../runtime/client/listings.ts';
import { PeerError } from '../runtime/client/peer-error.ts';
import type { JsonObject } from '../runtime/wire/json-value.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { retoldError } from '../runtime/wire/retold-error.ts';
import { callTime } from '../toolchain/targets/call-time.ts';

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
			const { provider, plugin } = flags;
			if (args.tool === undefined) {
				if (flags.tui) return this.showCall(session, word);
				const tools = await client.listTools({ signal, timeoutMs });
				return this.result({ tools }, () => formatToolList(tools, word));
			}
			const tool = await findTool(client, args.tool, { signal, timeoutMs, plugin }, flags[toolHelpFlag]);
			if (flags[toolHelpFlag]) return this.result(tool, () => formatTool(tool, word));
			const input = await readToolArguments(words, flags.input, tool.inputSchema);
			if (!flags['allow-unknown']) assertListed(input, tool.inputSchema, tool.name);
			if (flags.tui) return this.showCall(session, word, { tool, input, provider, plugin });
			const output: ToolOutput = toolOutput(this.jsonEnabled());
			const timing: ExchangeTiming | undefined = flags.verbose ? {} : undefined;
			const options = {
				signal,
				onProgress: progressLine(),
				onOutput: outputText(),
				timing,
				provider,
				plugin,
			};
			const showTime = () => timing && this.showTime(target.link.setup, timing);
			if (!tool.streaming) {
				try {
					output.result(await client.callTool(tool.name, input, { ...options, timeoutMs }));
					showTime();
					return undefined;
				} catch (error) {
					if (!mayStream(error)) {
						showTime();
						throw explained(error, tool);
					}
				}
			}
			// A stream may go on for as long as it likes, unless a limit was asked for.
			const stream = client.streamTool(tool.name, input, {
				...options,
				timeoutMs: timeoutMs ?? Number.POSITIVE_INFINITY,
			});
			try {
				for await (const chunk of stream) {
					if (!(await output.chunk(chunk))) break;
				}
				output.end();
			} catch (error) {
				throw explained(error, tool);
			} finally {
				showTime();
			}
			return undefined;
		});
	}

	/** Makes a call on the whole terminal, or without one lets a person choose it; what it came to is printed after that. */
	private async showCall(
		{ target, output, signal, timeoutMs }: TargetSession,
		word: string,
		call?: { tool: ListedTool; input: JsonObject; provider: string | undefined; plugin: string | undefined },
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
			throw outcome.error && call ? explained(outcome.error, call.tool) : outcome.error;
		if (outcome?.result) toolOutput(this.jsonEnabled()).result(outcome.result);
		if (end !== 'quit') this.exit(exitCodes.interrupted);
	}

	/** Writes how long each part of the call took: to stderr, as what plugins log. Nothing where no answer came. */
	private showTime(setup: ConnectionSetup | undefined, timing: ExchangeTiming): void {
		if (timing.answeredAt === undefined) return;
		const time = callTime(setup, timing);
		const text = this.jsonEnabled()
			? JSON.stringify({ time })
			: errorStyle.dim(`time  ${formatCallTime(time)}`);
		process.stderr.write(`${text}\n`);
	}
}

/** A core peer does not say which tools stream: it lists the tool, and then does not find it among the unary ones. */
function mayStream(error: unknown): boolean {
	return error instanceof PeerError && error.code === 'tool_not_found';
}

/** Adds what the caller can do: the tool's signature where it does not take the arguments, the flag where it took too long. */
function explained(error: unknown, tool: ListedTool): unknown {
	if (
		error instanceof OrchestraError &&
		!(error instanceof PeerError) &&
		error.code === 'deadline_exceeded'
	) {
		const hint = 'Allow more time with --timeout, or find out why the tool is slow.';
		return retoldError(error, `${tool.name}: ${error.message}`, { hint });
	}
	if (!(error instanceof PeerError) || error.code !== 'invalid_arguments') return error;
	const { message, details, retryable } = error;
	const hint = `It takes: ${toolSignature(tool)}`;
	return new OrchestraError('invalid_arguments', message, { hint, details, retryable, cause: error });
}
