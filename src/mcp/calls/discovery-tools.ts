import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { NamedTool } from '../listing/listing.ts';
import type { McpFront } from '../mcp-front.ts';
import { callTool } from './call-tool.ts';
import { type OwnTool, ownTool } from './own-tool.ts';
import { failedResult } from './tool-result.ts';

const nameSchema = { type: 'string', description: 'As search_tools gives it.' };

/** Three tools in the place of all: to search, to describe, to call. They keep a model's context small where there are many. */
export function discoveryTools(front: McpFront): OwnTool[] {
	const call: OwnTool = {
		listed: {
			name: 'call_tool',
			description: 'Call a tool that search_tools found. Read its arguments with describe_tool first.',
			inputSchema: {
				type: 'object',
				properties: { name: nameSchema, arguments: { type: 'object' } },
				required: ['name'],
			},
		},
		async call(args, caller) {
			let tool: NamedTool;
			try {
				tool = await find(front, args.name);
			} catch (error) {
				return failedResult(OrchestraError.from(error, 'internal'), true);
			}
			return callTool(front, tool, (args.arguments ?? {}) as JsonObject, caller);
		},
	};
	return [
		ownTool(
			{
				name: 'search_tools',
				description: 'Find tools by words of their names and descriptions. Empty words list them all.',
				inputSchema: {
					type: 'object',
					properties: {
						query: { type: 'string' },
						limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
					},
					required: ['query'],
				},
				annotations: { readOnlyHint: true },
			},
			async ({ query, limit = 20 }) => {
				const { tools, total } = front.listing.catalogue.search(String(query), { limit: Number(limit) });
				const names = new Map(
					[...(await front.listing.tools()).values()].map(({ name, tool }) => [
						`${tool.plugin} ${tool.name}`,
						name,
					]),
				);
				return {
					tools: tools.map(({ name, plugin, description = '' }) => ({
						name: names.get(`${plugin} ${name}`) ?? name,
						plugin,
						description,
					})),
					total,
				};
			},
		),
		ownTool(
			{
				name: 'describe_tool',
				description: 'The arguments of a tool, as a JSON Schema, and what it does.',
				inputSchema: { type: 'object', properties: { name: nameSchema }, required: ['name'] },
				annotations: { readOnlyHint: true },
			},
			async ({ name }) => (await find(front, name)).listed as unknown as JsonObject,
		),
		call,
	];
}

async function find(front: McpFront, name: unknown): Promise<NamedTool> {
	const tool = (await front.listing.tools()).get(String(name));
	if (tool) return tool;
	throw new OrchestraError('tool_not_found', `there is no tool ${String(name)}`, {
		hint: 'Find its name with search_tools.',
	});
}
