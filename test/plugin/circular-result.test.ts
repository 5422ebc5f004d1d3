import { createPlugin } from 'orchestra-toolchain';
import { Orchestrator } from 'orchestra-toolchain/host';
import { expect, test } from 'vitest';
import { createClient } from '../../src/runtime/client/plugin-client.ts';

test('a result that contains itself is told in a sentence, not by its whole path', async () => {
	await using orchestrator = new Orchestrator();
	const plugin = createPlugin('circle').registerTool('go', { description: '' }, () => {
		const value: Record<string, unknown> = {};
		value.a = value;
		return value as never;
	});
	await orchestrator.embed(plugin.build());
	const error = await createClient(orchestrator.connect('tester'))
		.callTool('go')
		.catch((reason: Error) => reason);
	expect(error).toMatchObject({
		code: 'nesting_too_deep',
		message: expect.stringContaining('contains itself'),
	});
	expect((error as Error).message.length).toBeLessThan(120);
});
