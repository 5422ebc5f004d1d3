import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testHost } from 'orchestra-toolchain/testing';
import plugin from './plugin.ts';

// A host in this process: prompts are filled in and errors arrive just as they do over the network.
const host = await testHost(plugin);
const { client } = host;
after(() => host.stop());

test('puts the code and the right questions into the prompt', async () => {
	const { messages } = await client.getPrompt('review', { code: 'let a = 1', focus: 'security' });
	assert.deepEqual(
		messages.map(({ role }) => role),
		['user', 'assistant'],
	);
	assert.match(messages[0]?.content.text ?? '', /Is all input checked\?[\s\S]*let a = 1/);
});

test('needs the code', async () => {
	await assert.rejects(client.getPrompt('review', {}), { code: 'invalid_arguments', message: /code/ });
});

test('says which focus it does not know', async () => {
	await assert.rejects(client.getPrompt('review', { code: '', focus: 'taste' }), { code: 'focus_unknown' });
});

test('lists the questions as a tool, too', async () => {
	const { questions } = await client.callTool('checklist');
	assert.equal((questions as string[]).length, 3);
});
