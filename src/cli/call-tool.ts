import type { ConnectionSetup } from '../runtime/carrier/carrier.ts';
import type { ExchangeTiming } from '../runtime/carrier/exchange-timing.ts';
import type { ListedTool } from '../runtime/client/listings.ts';
import { PeerError } from '../runtime/client/peer-error.ts';
import type { JsonObject } from '../runtime/wire/json-value.ts';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import { retoldError } from '../runtime/wire/retold-error.ts';
import { callTime } from '../toolchain/targets/call-time.ts';
import { findTool } from './find-tool.ts';
import { formatCallTime } from './format-call-time.ts';
import { assertListed } from './listed-arguments.ts';
import { outputText } from './output-text.ts';
import { progressLine } from './progress-line.ts';
import { errorStyle } from './style.ts';
import { readToolArguments } from './tool-arguments.ts';
import { toolOutput } from './tool-output.ts';
import { toolSignature } from './tool-signature.ts';
import type { TargetSession } from './with-target.ts';

/** A call that a command line asks for. */
export interface ToolCall {
	readonly tool: ListedTool;
	readonly input: JsonObject;
	readonly provider: string | undefined;
	readonly plugin: string | undefined;
}

/** The flags that say what is called. */
export interface CallFlags {
	readonly input?: string | undefined;
	readonly provider?: string | undefined;
	readonly plugin?: string | undefined;
	readonly 'allow-unknown'?: boolean | undefined;
}

/**
 * Finds the tool that is named, and reads its arguments from the words after it.
 *
 * @throws OrchestraError `tool_not_found`, `invalid_schema`, `usage`
 */
export async function readCall(
	{ target, signal, timeoutMs }: TargetSession,
	name: string,
	words: readonly string[],
	flags: CallFlags,
): Promise<ToolCall> {
	const { provider, plugin } = flags;
	const tool = await findTool(target.client, name, { signal, timeoutMs, plugin });
	const input = await readToolArguments(words, flags.input, tool.inputSchema);
	if (!flags['allow-unknown']) assertListed(input, tool.inputSchema, tool.name);
	return { tool, input, provider, plugin };
}

/** Calls a tool and prints its result, or each chunk of it; with `verbose` how long each part took, too. */
export async function makeCall(
	{ target, signal, timeoutMs }: TargetSession,
	{ tool, input, provider, plugin }: ToolCall,
	{ json, verbose }: { readonly json: boolean; readonly verbose: boolean },
): Promise<void> {
	const { client } = target;
	const output = toolOutput(json);
	const timing: ExchangeTiming | undefined = verbose ? {} : undefined;
	const options = { signal, onProgress: progressLine(), onOutput: outputText(), timing, provider, plugin };
	const showTime = () => timing && writeTime(target.link.setup, timing, json);
	if (!tool.streaming) {
		try {
			output.result(await client.callTool(tool.name, input, { ...options, timeoutMs }));
			showTime();
			return;
		} catch (error) {
			if (!mayStream(error)) {
				showTime();
				throw explainedFailure(error, tool);
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
		throw explainedFailure(error, tool);
	} finally {
		showTime();
	}
}

/** Writes how long each part of a call took: to stderr, as what plugins log. Nothing where no answer came. */
function writeTime(setup: ConnectionSetup | undefined, timing: ExchangeTiming, json: boolean): void {
	if (timing.answeredAt === undefined) return;
	const time = callTime(setup, timing);
	const text = json ? JSON.stringify({ time }) : errorStyle.dim(`time  ${formatCallTime(time)}`);
	process.stderr.write(`${text}\n`);
}

/** A core peer does not say which tools stream: it lists the tool, and then does not find it among the unary ones. */
function mayStream(error: unknown): boolean {
	return error instanceof PeerError && error.code === 'tool_not_found';
}

/** Adds what the caller can do: the tool's signature where it does not take the arguments, the flag where it took too long. */
export function explainedFailure(error: unknown, tool: ListedTool): unknown {
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
