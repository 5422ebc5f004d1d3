import { expect, test } from 'vitest';
import { findTool } from '../../src/cli/find-tool.ts';
import { connectInProcess } from '../../src/runtime/carrier/memory/memory-connection.ts';
import { createClient } from '../../src/runtime/client/plugin-client.ts';
import type { ToolDefinition } from '../../src/runtime/wire/generated/messages.ts';

/** A client of a plugin with these tools. */
function having(...tools: ToolDefinition[]) {
	return createClient(
		connectInProcess((exchange) => exchange.finish({ listTools: { tools } }), {
			callerName: 'cli',
			plugin: 'weather',
		}),
	);
}

test.each(['weather.forecast', 'weather/forecast', 'forecats'])(
	'%s is answered with the tool that may be meant',
	async (name) => {
		const client = having({ name: 'now' }, { name: 'forecast' });
		await expect(findTool(client, name, {})).rejects.toMatchObject({
			code: 'tool_not_found',
			hint: 'Did you mean forecast?',
		});
	},
);

test('a name that is like none is answered with all there are', async () => {
	await expect(findTool(having({ name: 'now' }, { name: 'forecast' }), 'x', {})).rejects.toMatchObject({
		hint: 'It has: now, forecast.',
		details: { tools: ['now', 'forecast'] },
	});
	await expect(findTool(having(), 'x', {})).rejects.toMatchObject({ hint: 'It has no tools at all.' });
});

test('a tool whose schema is none says why it cannot be called, and is found where that is not wanted', async () => {
	const client = having({ name: 'bad', inputSchema: { 'x-orchestra-unusable': 'its type is none' } });
	await expect(findTool(client, 'bad', {})).rejects.toMatchObject({
		code: 'invalid_schema',
		message: expect.stringContaining('tool bad cannot be called: its type is none'),
	});
	expect(await findTool(client, 'bad', {}, true)).toMatchObject({ name: 'bad' });
});
