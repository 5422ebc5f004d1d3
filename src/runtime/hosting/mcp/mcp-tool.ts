import type { CallToolResult, InputRequiredResult, Tool } from '@modelcontextprotocol/client';
import type { ToolContext } from '../../plugin/definition/context.ts';
import { inputRequired } from '../../plugin/definition/input-required.ts';
import { isObject, type JsonObject } from '../../wire/json-value.ts';
import { ToolError } from '../../wire/orchestra-error.ts';
import type { McpConnection } from './mcp-connection.ts';
import { mcpFailure } from './mcp-errors.ts';
import { traceMeta } from './trace-meta.ts';

/** Milliseconds that the client of the SDK waits; the deadline of the call itself is its caller's. */
const longMs = 24 * 60 * 60_000;

/** Calls a tool of an MCP server, as part of a call of ours. */
export async function callMcpTool(
	connection: McpConnection,
	tool: Tool,
	args: JsonObject,
	ctx: ToolContext,
): Promise<JsonObject> {
	const { name } = connection;
	const subject = `tool ${tool.name} of MCP server ${name}`;
	const answers = {
		...(Object.keys(ctx.inputResponses).length > 0 ? { inputResponses: ctx.inputResponses } : {}),
		...(ctx.requestState ? { requestState: ctx.requestState } : {}),
	};
	let result: CallToolResult | InputRequiredResult;
	try {
		result = await connection.client.callTool(
			{
				name: tool.name,
				arguments: args,
				...traceMeta(ctx),
				...answers,
			},
			{
				signal: ctx.signal,
				timeout: longMs,
				allowInputRequired: true,
				onprogress: ({ progress, total, message }) => ctx.progress(progress, total, message),
			},
		);
	} catch (error) {
		if (ctx.signal.aborted) throw ctx.signal.reason;
		throw await mcpFailure(connection, subject, error);
	}
	if ('inputRequests' in result || result.resultType === 'input_required') {
		const { inputRequests = {}, requestState } = result as unknown as InputRequiredResult;
		throw inputRequired({
			inputRequests: inputRequests as never,
			...(requestState === undefined ? {} : { requestState }),
		});
	}
	return readResult(result as CallToolResult, subject);
}

/**
 * What a tool answered: its structured result where it has one, a text as `{text}`, other blocks as `{content}`.
 *
 * @throws ToolError where the tool failed: with the code and message that it told, where it told them as we do
 */
function readResult(
	{ content = [], structuredContent, isError, _meta: meta }: CallToolResult,
	subject: string,
): JsonObject {
	const texts = content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
	if (isError) {
		const told = (meta?.['orchestra/error'] ?? structuredContent ?? {}) as {
			code?: unknown;
			message?: unknown;
			hint?: unknown;
			details?: unknown;
			retryable?: unknown;
		};
		const message = typeof told.message === 'string' ? told.message : texts.join('\n') || `${subject} failed`;
		throw new ToolError(typeof told.code === 'string' && told.code ? told.code : 'handler_error', message, {
			hint: typeof told.hint === 'string' ? told.hint : undefined,
			details:
				typeof told.details === 'object' && told.details !== null ? (told.details as JsonObject) : undefined,
			retryable: told.retryable === true,
		});
	}
	if (isObject(structuredContent)) return structuredContent;
	if (texts.length === content.length) return { text: texts.join('\n') };
	return { content: content as unknown as JsonObject[] };
}
