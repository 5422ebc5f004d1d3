import type { Tool } from '@modelcontextprotocol/server';
import type { ListedTool } from '../../runtime/client/listings.ts';

/** A tool as MCP lists it. */
export function mcpTool(
	name: string,
	{ description, inputSchema, title, annotations, outputSchema, unavailable }: ListedTool,
): Tool {
	const notice = unavailable ? `(not available now: ${unavailable}) ` : '';
	return {
		name,
		...(title ? { title } : {}),
		description: notice + description,
		inputSchema: asObjectSchema(inputSchema),
		...(outputSchema ? { outputSchema: asObjectSchema(outputSchema) } : {}),
		...(annotations ? { annotations } : {}),
	} as Tool;
}

/** MCP wants `type: object` at the top; our arguments are objects whatever a schema says. */
function asObjectSchema(schema: Record<string, unknown>): Record<string, unknown> {
	return schema.type === 'object' ? schema : { ...schema, type: 'object' };
}
