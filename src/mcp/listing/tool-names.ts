import type { ListedTool } from '../../runtime/client/listings.ts';

/** Characters of a name, at most: what every client takes. */
const maxLength = 64;

/**
 * The names of tools for MCP clients, sorted: their own, of the characters that all clients take; that of their plugin in front only
 * where two would have the same.
 */
export function nameTools(tools: readonly ListedTool[]): { name: string; tool: ListedTool }[] {
	const counts = new Map<string, number>();
	for (const { name } of tools) {
		const own = fitting(name);
		counts.set(own, (counts.get(own) ?? 0) + 1);
	}
	const taken = new Set<string>();
	return [...tools]
		.sort((a, b) => compare(a.name, b.name) || compare(a.plugin ?? '', b.plugin ?? ''))
		.map((tool) => {
			const own = fitting(tool.name);
			const wanted = counts.get(own) === 1 ? own : fitting(`${tool.plugin ?? 'plugin'}_${tool.name}`);
			let name = wanted;
			for (let number = 2; taken.has(name); number++) name = `${wanted.slice(0, maxLength - 4)}_${number}`;
			taken.add(name);
			return { name, tool };
		});
}

function fitting(name: string): string {
	return name.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, maxLength) || 'tool';
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
