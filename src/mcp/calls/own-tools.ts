import type { CallToolResult, InputRequiredResult, ServerContext, Tool } from '@modelcontextprotocol/server';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import type { McpFront } from '../mcp-front.ts';
import { discoveryTools } from './discovery-tools.ts';
import { eventTools } from './event-tools.ts';
import { storageTools } from './storage-tools.ts';

/** A tool that the front end has itself. */
export interface OwnTool {
	readonly listed: Tool;
	call(args: JsonObject, ctx: ServerContext): Promise<CallToolResult | InputRequiredResult>;
}

const made = new WeakMap<McpFront, ReadonlyMap<string, OwnTool>>();

/** The tools of the front end itself, by name: what was asked for of discovery and storage, and events. */
export function ownTools(front: McpFront): ReadonlyMap<string, OwnTool> {
	let tools = made.get(front);
	if (!tools) {
		const { discovery, storage } = front.options;
		const all = [
			...(discovery === 'search' ? discoveryTools(front) : []),
			...(storage === 'write' ? storageTools(front) : []),
			...eventTools(front),
		];
		tools = new Map(all.map((tool) => [tool.listed.name, tool]));
		made.set(front, tools);
	}
	return tools;
}
