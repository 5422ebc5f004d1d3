import type { McpFront } from '../mcp-front.ts';
import { discoveryTools } from './discovery-tools.ts';
import { eventTools } from './event-tools.ts';
import type { OwnTool } from './own-tool.ts';
import { storageTools } from './storage-tools.ts';

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
