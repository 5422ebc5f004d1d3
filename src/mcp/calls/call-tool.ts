import {
	type CallToolResult,
	type InputRequiredResult,
	inputRequired,
	type ServerContext,
} from '@modelcontextprotocol/server';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { NamedTool } from '../listing/listing.ts';
import type { McpFront } from '../mcp-front.ts';
import { askedInputs } from './asked-inputs.ts';
import { ProgressNotices } from './progress-notices.ts';
import { streamResult } from './stream-result.ts';
import { failedResult, toolResult } from './tool-result.ts';

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
	const trace = typeof meta?.traceparent === 'string' ? meta.traceparent : undefined;
	const logs = front.logs.follow(trace, ({ level, message, fields, plugin }) => {
		const data = fields ? { message, ...fields } : message;
		void ctx.mcpReq.log(level === 'warn' ? 'warning' : level, data, plugin).catch(() => {});
	});
	const options = {
		signal,
		traceParent: logs.traceParent,
		plugin: tool.plugin,
		...(progress.wanted ? { onProgress: progress.report, onOutput: progress.say } : {}),
	};
	try {
		if (tool.streaming) {
			return await streamResult(tool.name, front.client.streamTool(tool.name, args, options), progress.say);
		}
		const result = await front.client.callTool(tool.name, args, {
			...options,
			inputResponses: inputResponses as JsonObject | undefined,
			requestState,
		});
		return toolResult(result, tool.outputSchema !== undefined);
	} catch (thrown) {
		const error = OrchestraError.from(thrown, 'internal');
		const asked = askedInputs(error);
		if (asked) return inputRequired(await front.sealInputs(ctx, of, asked));
		return failedResult(error, tool.outputSchema === undefined);
	} finally {
		logs.end();
	}
}
