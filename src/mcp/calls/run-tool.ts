import type { LogEntry } from '../../runtime/plugin/definition/log.ts';
import { type HopFacts, telemetry } from '../../runtime/telemetry/telemetry.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { childTraceParent } from '../../runtime/wire/trace-parent.ts';
import type { NamedTool } from '../listing/listing.ts';
import type { McpFront } from '../mcp-front.ts';
import { askedInputs } from './asked-inputs.ts';
import type { ProgressNotices } from './progress-notices.ts';
import { streamResult } from './stream-result.ts';
import type { ToolOutcome } from './tool-outcome.ts';
import { failedResult, toolResult } from './tool-result.ts';

/** Options of running a tool for an MCP client. */
export interface ToolRun {
	readonly signal: AbortSignal;
	/** Milliseconds that it may take. Default: the client's. */
	readonly timeoutMs?: number | undefined;
	readonly traceParent?: string | undefined;
	readonly inputResponses?: JsonObject | undefined;
	readonly requestState?: string | undefined;
	/** Receives its progress and its output. */
	readonly progress: ProgressNotices;
	readonly onLog: (entry: LogEntry) => void;
}

/** Runs a tool. Never rejects for what the tool answers. */
export async function runTool(
	front: McpFront,
	{ tool }: NamedTool,
	args: JsonObject,
	run: ToolRun,
): Promise<ToolOutcome> {
	const { progress, traceParent: parent = '' } = run;
	const span = telemetry()?.begin('front', frontFacts(tool), parent);
	const traceParent = span?.traceParent || childTraceParent(parent);
	const unfollow = front.logs.follow(traceParent, tool.name, run.onLog);
	// All fields at once: this is done for each call.
	const options = {
		signal: run.signal,
		timeoutMs: run.timeoutMs,
		traceParent,
		plugin: tool.plugin,
		onProgress: progress.wanted ? progress.report : undefined,
		onOutput: progress.wanted ? progress.say : undefined,
		inputResponses: run.inputResponses,
		requestState: run.requestState,
	};
	try {
		if (tool.streaming) {
			const chunks = front.client.streamTool(tool.name, args, options);
			const result = await streamResult(tool.name, chunks, progress.say);
			span?.end({ code: '', message: '' });
			return { result };
		}
		const result = await front.client.callTool(tool.name, args, options);
		span?.end({ code: '', message: '' });
		return { result: toolResult(result, tool.outputSchema !== undefined) };
	} catch (thrown) {
		const error = OrchestraError.from(thrown, 'internal');
		span?.end(error);
		const asked = askedInputs(error);
		return asked ? { asked } : { result: failedResult(error, tool.outputSchema === undefined) };
	} finally {
		unfollow();
	}
}

/** Facts that a front end knows of a call. */
function frontFacts({ name, plugin = '', streaming }: NamedTool['tool']): HopFacts {
	const kind = streaming ? 'stream' : 'tool';
	return { kind, name, plugin, session: '', caller: '', remote: true, address: '' };
}
