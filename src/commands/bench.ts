import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { readCall } from '../cli/call-tool.ts';
import { checkDuration } from '../cli/duration-flag.ts';
import { exitCodes } from '../cli/exit-code.ts';
import { formatMeasurement } from '../cli/format-measurement.ts';
import { parseDuration } from '../cli/parse-duration.ts';
import { withSpinner } from '../cli/spinner.ts';
import { targetFlags } from '../cli/target-flags.ts';
import { withTarget } from '../cli/with-target.ts';
import { PeerError } from '../runtime/client/peer-error.ts';
import type { PluginClient } from '../runtime/client/plugin-client.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { type MakeCall, measureCalls, type StreamRead } from '../toolchain/bench/measure-calls.ts';
import { callTime } from '../toolchain/targets/call-time.ts';

export default class Bench extends BaseCommand {
	static override summary =
		'Call a tool again and again, and measure it: rate, latency, errors, where the time goes.';
	static override description =
		'The tool is called for real, many times: choose one that may be. Without --rate each of the callers calls again as soon as it has its ' +
		'answer. With --rate so many calls begin each second, and the time of a call counts from when it was due, so that a target which ' +
		'stands still is seen to. A streaming tool is read to its end. What is measured first is not counted (--warm-up).';
	static override examples = [
		'<%= config.bin %> bench examples/weather forecast city=Oslo',
		'<%= config.bin %> bench . forecast city=Oslo --spawn --concurrency 64 --duration 30s',
		'<%= config.bin %> bench tcp://127.0.0.1:50101 forecast city=Oslo --rate 2000 --json',
	];
	static override usage = 'bench TARGET TOOL [ARGUMENT...] [FLAGS]';
	static override strict = false;
	static override args = {
		target: Args.string({ description: 'What to call: a path or an address.', required: true }),
		tool: Args.string({ description: 'The name of the tool.', required: true }),
	};
	static override flags = {
		concurrency: Flags.integer({
			char: 'c',
			description: 'How many calls are under way at once, at most.',
			default: 16,
			min: 1,
			max: 10_000,
		}),
		rate: Flags.integer({
			char: 'r',
			description: 'How many calls begin each second. [default: as many as are answered]',
			helpValue: 'CALLS',
			min: 1,
			max: 1_000_000,
		}),
		duration: Flags.string({
			char: 'd',
			description: 'How long to measure: 500ms, 10s, 2m.',
			default: '10s',
			parse: checkDuration,
		}),
		'warm-up': Flags.string({
			description: 'How long to call before that, without counting; 0 for not at all.',
			default: '1s',
			helpValue: 'DURATION',
			parse: async (text) => (text === '0' ? text : checkDuration(text)),
		}),
		input: Flags.string({
			description: 'A JSON file with the arguments; - reads standard input.',
			helpValue: 'FILE',
		}),
		'allow-unknown': Flags.boolean({
			description: "Pass arguments that the tool's schema does not list.",
		}),
		provider: Flags.string({
			description: 'The AI provider that the calls are for, where plugins of several have the tool.',
			helpValue: 'NAME',
		}),
		plugin: Flags.string({
			description: 'The plugin that has to answer, where several have the tool.',
			helpValue: 'ID',
		}),
		...targetFlags,
	};

	async run(): Promise<unknown> {
		const { args, flags, argv } = await this.parse(Bench);
		const words = (argv as string[]).slice(2);
		const json = this.jsonEnabled();
		const { concurrency, rate: perSecond } = flags;
		const durationMs = parseDuration(flags.duration);
		return withTarget(args.target, { ...flags, json }, async (session) => {
			const { target, signal, timeoutMs } = session;
			const { client, link } = target;
			const { tool, input, provider, plugin } = await readCall(session, args.tool, words, flags);
			const options = { timeoutMs, provider, plugin };
			const unary: MakeCall = async (timing, callSignal) => {
				await client.callTool(tool.name, input, { ...options, timing, signal: callSignal });
				return undefined;
			};
			const streamed: MakeCall = (timing, callSignal) =>
				readStream(client.streamTool(tool.name, input, { ...options, timing, signal: callSignal }));
			const streams = tool.streaming || (await streamsUnsaid(() => unary({}, signal)));
			const plan = {
				concurrency,
				perSecond,
				durationMs,
				warmUpMs: flags['warm-up'] === '0' ? 0 : parseDuration(flags['warm-up']),
			};
			const measured = await withSpinner(json, `Calling ${tool.name}`, (show) =>
				measureCalls(streams ? streamed : unary, plan, signal, (count) =>
					show(`Calling ${tool.name}: ${count} answered`),
				),
			);
			const setup = callTime(link.setup, {});
			const value = {
				target: args.target,
				tool: tool.name,
				carrier: link.peer.carrier,
				concurrency,
				...(perSecond === undefined ? {} : { rate: perSecond }),
				...setup,
				...measured,
			};
			const { isTTY } = process.stdout;
			const shown = this.result(value, () => formatMeasurement(measured, setup, isTTY === true));
			if (measured.interrupted && signal.aborted) {
				if (json) this.logJson(shown);
				this.exit(exitCodes.interrupted);
			}
			const [first] = measured.errors;
			if (measured.calls === 0 && first) this.failAfter(shown, allFailed(first, link.peer.name));
			return shown;
		});
	}
}

/** A core peer does not say which tools stream: it lists the tool, and then does not find it among the unary ones. */
async function streamsUnsaid(call: () => Promise<unknown>): Promise<boolean> {
	try {
		await call();
		return false;
	} catch (error) {
		return OrchestraError.from(error, 'internal').code === 'tool_not_found';
	}
}

async function readStream(stream: ReturnType<PluginClient['streamTool']>): Promise<StreamRead> {
	const begin = performance.now();
	let chunks = 0;
	let bytes = 0;
	let firstChunkMs: number | undefined;
	for await (const { data } of stream) {
		firstChunkMs ??= performance.now() - begin;
		chunks++;
		bytes += data.length;
	}
	return { chunks, bytes, firstChunkMs };
}

/** The answer that all calls had. */
function allFailed({ code, message }: { code: string; message: string }, peer: string): PeerError {
	const hint = 'Try one with orchestra call, which says more.';
	return new PeerError(code, `no call had a result: ${message}`, { hint, peer });
}
