import {
	type CallToolResult,
	CLIENT_CAPABILITIES_META_KEY,
	type InputRequiredResult,
	ProtocolError,
	type Tool,
} from '@modelcontextprotocol/client';
import type { ToolContext } from '../../plugin/definition/context.ts';
import { isObject, type JsonObject } from '../../wire/json-value.ts';
import { ToolError } from '../../wire/orchestra-error.ts';
import { answersOf, askCaller } from './ask-caller.ts';
import { answerTask, awaitedTask, followTask } from './follow-task.ts';
import { clientCapabilities, type McpConnection } from './mcp-connection.ts';
import { mcpFailure } from './mcp-failure.ts';
import { taskOf } from './task-client.ts';
import { traceMeta } from './trace-meta.ts';

/** Milliseconds that the client of the SDK waits; the deadline of the call itself is its caller's. */
const longMs = 24 * 60 * 60_000;

/** Capability with which a client of 2026-07-28 lets the server answer with a task. */
const takesTasks = {
	[CLIENT_CAPABILITIES_META_KEY]: {
		...clientCapabilities,
		extensions: { 'io.modelcontextprotocol/tasks': {} },
	},
};

/** Milliseconds that a server is asked to keep what came of a task, in 2025-11-25. */
const taskTtlMs = 10 * 60_000;

/** The error of a server that serves a request only to clients of an extension. */
const missingCapability = -32_021;

/** Calls a tool of an MCP server, as part of a call of ours. Of a tool that wants to be a task, its end is waited for. */
export async function callMcpTool(
	connection: McpConnection,
	tool: Tool,
	args: JsonObject,
	ctx: ToolContext,
): Promise<JsonObject> {
	const { name, client } = connection;
	const subject = `tool ${tool.name} of MCP server ${name}`;
	const legacyTask =
		client.getProtocolEra() !== 'modern' && tool.execution?.taskSupport === 'required'
			? { task: { ttl: taskTtlMs } }
			: {};
	const call = async (meta: Readonly<Record<string, unknown>> | undefined) => {
		const result = await client.callTool(
			{
				name: tool.name,
				arguments: args,
				...traceMeta(ctx, meta),
				...answersOf(ctx),
				...legacyTask,
			},
			{
				signal: ctx.signal,
				timeout: longMs,
				allowInputRequired: true,
				onprogress: ({ progress, total, message }) => ctx.progress(progress, total, message),
			},
		);
		const task = taskOf(result);
		return task ? followTask(client, task, meta, ctx) : result;
	};
	let result: CallToolResult | InputRequiredResult;
	try {
		const awaited = awaitedTask(ctx);
		if (awaited === undefined) result = await call(undefined).catch((error) => callAsTask(error, call));
		else
			result = await followTask(client, await answerTask(client, awaited, takesTasks, ctx), takesTasks, ctx);
	} catch (error) {
		if (ctx.signal.aborted) throw ctx.signal.reason;
		throw await mcpFailure(connection, subject, error);
	}
	askCaller(result);
	return readResult(result as CallToolResult, subject);
}

/** Calls anew where the server wants a client that takes tasks. We say so only then: a task has no progress, and is asked about. */
function callAsTask<T>(error: unknown, call: (meta: typeof takesTasks) => Promise<T>): Promise<T> {
	const { requiredCapabilities: required } = ((error as ProtocolError).data ?? {}) as {
		requiredCapabilities?: { extensions?: Readonly<Record<string, unknown>> };
	};
	const wanted = error instanceof ProtocolError && error.code === missingCapability;
	if (wanted && required?.extensions?.['io.modelcontextprotocol/tasks']) return call(takesTasks);
	throw error;
}

/**
 * Answer of a tool: its structured result where it has one, a text as `{text}`, other blocks as `{content}`.
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
