import type {
	GetPromptResult,
	Prompt,
	ReadResourceResult,
	Resource,
	Tool,
} from '@modelcontextprotocol/client';
import type { ToolContext } from '../../plugin/definition/context.ts';
import { createPlugin } from '../../plugin/definition/create-plugin.ts';
import type { Plugin } from '../../plugin/definition/plugin.ts';
import type { PluginBuilder } from '../../plugin/definition/plugin-builder.ts';
import type { PromptArgument, PromptBlock } from '../../plugin/definition/prompt.ts';
import { storageNotFound } from '../../plugin/definition/storage-error.ts';
import type { StoredContent } from '../../plugin/definition/storage-handler.ts';
import type { InputSchema } from '../../plugin/input/input-schema.ts';
import { jsonSchemaInput } from '../../plugin/input/json-schema-input.ts';
import type { JsonObject } from '../../wire/json-value.ts';
import { OrchestraError, ToolError } from '../../wire/orchestra-error.ts';
import { answersOf, askCaller } from './ask-caller.ts';
import type { McpConnection } from './mcp-connection.ts';
import { mcpFailure } from './mcp-failure.ts';
import { mcpInput } from './mcp-input.ts';
import { callMcpTool } from './mcp-tool.ts';
import { traceMeta } from './trace-meta.ts';

/** Called with remarks about an MCP server beside what it provides. */
export type Warn = (message: string) => void;

/**
 * Makes a plugin of what an MCP server has now: its tools and prompts, and its resources as a storage of the type `uri:<id>`, whose
 * paths are their URIs. What it says that cannot be is left out, and told.
 */
export async function mcpPlugin(
	connection: McpConnection,
	id: string,
	warn: Warn,
	signal: AbortSignal,
): Promise<Plugin> {
	const { client } = connection;
	const capabilities = client.getServerCapabilities() ?? {};
	const { version, title } = client.getServerVersion() ?? {};
	const about = client
		.getInstructions()
		?.split('\n', 1)[0]
		?.replace(/^#+\s*/, '');
	const builder = createPlugin(id).description(about || title || `MCP server ${connection.name}.`);
	if (version && /^\d+\.\d+\.\d+/.test(version)) builder.version(version);
	const options = { signal, timeout: listMs, cacheMode: 'refresh' as const };
	if (capabilities.tools) {
		const { tools } = await client.listTools(undefined, options);
		for (const tool of tools)
			await attempt(`tool ${tool.name}`, () => addTool(builder, connection, tool, warn), warn);
	}
	if (capabilities.prompts) {
		assertConnected(connection);
		const { prompts } = await client.listPrompts(undefined, options);
		for (const prompt of prompts)
			await attempt(`prompt ${prompt.name}`, () => addPrompt(builder, connection, prompt), warn);
	}
	if (capabilities.resources) addResources(builder, connection, id);
	return builder.build();
}

/**
 * A client that has closed knows no capability any more: it would answer a list with an empty one, and say so on stdout.
 *
 * @throws OrchestraError `connection_lost`
 */
function assertConnected({ client, name }: McpConnection): void {
	if (client.getServerCapabilities()) return;
	throw new OrchestraError('connection_lost', `MCP server ${name} is not connected any more`, {
		retryable: true,
	});
}

/** Milliseconds for a list. */
const listMs = 30_000;

async function attempt(what: string, add: () => void | Promise<void>, warn: Warn): Promise<void> {
	try {
		await add();
	} catch (error) {
		warn(`its ${what} is left out: ${(error as Error).message}`);
	}
}

async function addTool(
	builder: PluginBuilder,
	connection: McpConnection,
	tool: Tool,
	warn: Warn,
): Promise<void> {
	const { name, title, description = '', annotations = {}, inputSchema } = tool;
	const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
	const hints = Object.entries({ readOnlyHint, destructiveHint, idempotentHint, openWorldHint }).filter(
		([, hint]) => typeof hint === 'boolean',
	);
	const described = {
		description,
		...(title ? { title } : {}),
		...(hints.length > 0 ? { annotations: Object.fromEntries(hints) } : {}),
	};
	const call = (args: JsonObject, ctx: ToolContext) => callMcpTool(connection, tool, args, ctx);
	let input: InputSchema;
	try {
		input = jsonSchemaInput(`tool ${name} of plugin ${connection.name}`, inputSchema);
		await input.check();
	} catch (error) {
		// The server checks its arguments itself. A tool is worth more than a check that cannot be made.
		warn(`the arguments of its tool ${name} are not checked here: ${(error as Error).message}`);
		builder.registerTool(name, { ...described, input: { type: 'object' } }, call);
		return;
	}
	builder.registerTool(name, { ...described, input: mcpInput(input), inputSchema }, call);
}

function addPrompt(
	builder: PluginBuilder,
	connection: McpConnection,
	{ name, description = '', arguments: args = [] }: Prompt,
): void {
	builder.registerPrompt(name, { description, arguments: args as PromptArgument[] }, async (given, ctx) => {
		try {
			const answer = await connection.client.getPrompt(
				{ name, arguments: { ...given } as Record<string, string>, ...traceMeta(ctx), ...answersOf(ctx) },
				{ signal: ctx.signal, allowInputRequired: true },
			);
			askCaller(answer);
			const { messages, description: filled } = answer as GetPromptResult;
			return {
				...(filled ? { description: filled } : {}),
				messages: messages.map(({ role, content }) => ({
					role,
					content: content.type === 'text' ? content.text : (content as unknown as PromptBlock),
				})),
			};
		} catch (error) {
			throw await mcpFailure(connection, `prompt ${name} of MCP server ${connection.name}`, error);
		}
	});
}

function addResources(builder: PluginBuilder, connection: McpConnection, id: string): void {
	const { client } = connection;
	builder.providesStorage(`uri:${id}`).setStorageHandler({
		async read({ path }, ctx) {
			const { signal } = ctx;
			let found: ReadResourceResult;
			try {
				found = await client.readResource({ uri: path, ...traceMeta(ctx) }, { signal, cacheMode: 'refresh' });
			} catch (error) {
				const failure = await mcpFailure(connection, `resource ${path}`, error);
				if (failure.code === 'invalid_arguments' || isNotFound(error)) throw storageNotFound(path);
				throw failure;
			}
			return content(found, path);
		},
		async list({ prefix }, { signal }) {
			try {
				assertConnected(connection);
				const { resources } = await client.listResources(undefined, { signal, cacheMode: 'refresh' });
				return resources
					.filter(({ uri }: Resource) => uri.startsWith(prefix))
					.map(({ uri, size }: Resource) => ({ path: uri, size: size ?? 0, version: 1 }));
			} catch (error) {
				throw await mcpFailure(connection, `the resources of MCP server ${connection.name}`, error);
			}
		},
		write: ({ path }) => refuse(path),
		delete: ({ path }) => refuse(path),
	});
}

function content({ contents }: ReadResourceResult, uri: string): StoredContent {
	const [first] = contents;
	if (!first) throw storageNotFound(uri);
	const metadata = first.mimeType ? { mimeType: first.mimeType } : {};
	if ('text' in first) return { content: first.text, metadata, version: 1 };
	return { content: Buffer.from(first.blob, 'base64'), metadata, version: 1 };
}

/** Whether a server says "not found" in the way of older ones. */
function isNotFound(error: unknown): boolean {
	return (error as { code?: unknown }).code === -32_002;
}

function refuse(path: string): never {
	throw new ToolError(
		'storage_unavailable',
		`${path} is a resource of an MCP server, which can only be read`,
		{
			cause: new OrchestraError('storage_unavailable', 'MCP has no way to write a resource'),
		},
	);
}
