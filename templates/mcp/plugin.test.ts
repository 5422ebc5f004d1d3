import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testHost } from 'orchestra-toolchain/testing';
import plugin from './plugin.ts';

// A host in this process. `orchestra serve . --mcp` shows an agent the same.
const host = await testHost(plugin);
const { client } = host;
after(() => host.stop());

test('finds books', async () => {
	assert.deepEqual(await client.callTool('search', { text: 'moby' }), { found: ['Moby Dick'] });
	const [search] = await client.listTools();
	assert.equal(search?.annotations?.readOnlyHint, true);
});

test('asks before it lends, and lends once', async () => {
	const args = { title: 'Moby Dick' };
	await assert.rejects(client.callTool('borrow', args), { code: 'input_required' });
	const inputResponses = { sure: { action: 'accept', content: { sure: true } } };
	assert.deepEqual(await client.callTool('borrow', args, { inputResponses }), {
		text: 'Moby Dick is borrowed.',
	});
	await assert.rejects(client.callTool('borrow', args, { inputResponses }), { code: 'not_available' });
});

test('fills its prompt in', async () => {
	const { messages } = await client.getPrompt('recommend', { mood: 'sad' });
	assert.match(messages[0]?.content.text ?? '', /sad book of: Emma/);
});
