import { expect, test } from 'vitest';
import { Listing } from '../../src/mcp/listing/listing.ts';
import { takePage } from '../../src/mcp/listing/page.ts';
import { nameTools } from '../../src/mcp/listing/tool-names.ts';
import type { ListedTool } from '../../src/runtime/client/listings.ts';

const tool = (plugin: string, name: string): ListedTool => ({
	name,
	plugin,
	description: name,
	inputSchema: { type: 'object' },
	streaming: false,
});

test('a list comes in pages of 200, and a cursor of another list is refused', () => {
	const items = Array.from({ length: 450 }, (_, index) => `item ${index}`);
	const pages: string[][] = [];
	let cursor: string | undefined;
	do {
		const page = takePage(items, (item) => item, cursor);
		pages.push(page.items);
		cursor = page.nextCursor;
	} while (cursor !== undefined);
	expect(pages.map(({ length }) => length)).toEqual([200, 200, 50]);
	expect(pages.flat()).toEqual(items);
	const { nextCursor } = takePage(items, (item) => item, undefined);
	// What it names is the last item that was read: one that comes in before it is not read twice.
	expect(takePage(['a', ...items], (item) => item, nextCursor).items[0]).toBe('item 200');
	for (const other of [nextCursor, '', 'none of ours']) {
		expect(() => takePage(['x', 'y'], (item) => item, other)).toThrow(/none of this list/);
	}
});

test('a tool has its own name, of characters that all clients take; that of its plugin in front where two have one', () => {
	const names = (...tools: ListedTool[]) =>
		nameTools(tools).map(({ name, tool: { plugin } }) => [plugin, name]);
	expect(names(tool('b', 'same'), tool('a', 'same'), tool('a', 'own'), tool('a', 'gerät/ein aus'))).toEqual([
		['a', 'ger_t_ein_aus'],
		['a', 'own'],
		['a', 'a_same'],
		['b', 'b_same'],
	]);
	const long = 'x'.repeat(100);
	const [[, first = ''] = [], [, second = ''] = []] = names(tool('p', `${long}a`), tool('p', `${long}b`));
	expect([first.length, second.length]).toEqual([64, 62]);
	expect(first).not.toBe(second);
	expect(names(tool('p', ''))).toEqual([['p', 'tool']]);
});

test('a list that could not be read is read again at the next question; one that was read is kept until it changed', async () => {
	let reads = 0;
	const client = {
		async listTools() {
			if (++reads === 1) throw new Error('not yet');
			return [tool('p', `tool_${reads}`)];
		},
	};
	const listing = new Listing(client as never, undefined as never);
	await expect(listing.tools()).rejects.toThrow('not yet');
	for (let time = 0; time < 2; time++) expect([...(await listing.tools()).keys()]).toEqual(['tool_2']);
	listing.forget();
	expect([...(await listing.tools()).keys()]).toEqual(['tool_3']);
});
