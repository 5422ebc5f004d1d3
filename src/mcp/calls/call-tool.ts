import {
	type CallToolResult,
	type InputRequiredResult,
	inputRequired,
	type ServerContext,
} from '@modelcontextprotocol/server';
import { type HopFacts, telemetry } from '../../runtime/telemetry/telemetry.ts';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import { childTraceParent } from '../../runtime/wire/trace-parent.ts';
import type { NamedTool } from '../listing/listing.ts';
import type { McpFront } from '../mcp-front.ts';
import { askedInputs } from './asked-inputs.ts';
import { ProgressNotices } from './progress-notices.ts';
import { streamResult } from './stream-result.ts';
import { failedResult, toolResult } from './tool-result.ts';
import { traceParentIn } from './trace-parent-in.ts';

/** Calls a tool for an MCP client. Never rejects for what the tool answers. */
export async function callTool(
	front: McpFront,
	{ tool }: NamedTool,
	args: JsonObject,
	ctx: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
	const { signal, inputResponses, _meta: meta } = ctx.mcpReq;
	const of = `tool ${tool.plugin ?? ''} ${tool.name}`;
	const requestState = front.readState(ctx, of);
	const progress = new ProgressNotices(ctx);
	const parent = traceParentIn(meta);
	const span = telemetry()?.begin('front', frontFacts(tool), parent);
	const traceParent = span?.traceParent || childTraceParent(parent);
	const unfollow = front.logs.follow(traceParent, tool.name, ({ level, message, fields, plugin }) => {
		const data = fields ? { message, ...fields } : message;
		void ctx.mcpReq.log(level === 'warn' ? 'warning' : level, data, plugin).catch(() => {});
	});
	const options = {
		signal,
		traceParent,
		plugin: tool.plugin,
		...(progress.wanted ? { onProgress: progress.report, onOutput: progress.say } : {}),
	};
	try {
		if (tool.streaming) {
			const chunks = front.client.streamTool(tool.name, args, options);
			const whole = await streamResult(tool.name, chunks, progress.say);
			span?.end({ code: '', message: '' });
			return whole;
		}
		const result = await front.client.callTool(tool.name, args, {
			...options,
			inputResponses: inputResponses as JsonObject | undefined,
			requestState,
		});
		span?.end({ code: '', message: '' });
		return toolResult(result, tool.outputSchema !== undefined);
	} catch (thrown) {
		const error = OrchestraError.from(thrown, 'internal');
		span?.end(error);
		const asked = askedInputs(error);
		if (asked) return inputRequired(await front.sealInputs(ctx, of, asked));
		return failedResult(error, tool.outputSchema === undefined);
	} finally {
		unfollow();
	}
}

/** What a front end knows of a call. */
function frontFacts({ name, plugin = '', streaming }: NamedTool['tool']): HopFacts {
	const kind = streaming ? 'stream' : 'tool';
	return { kind, name, plugin, session: '', caller: '', remote: true, address: '' };
}
