import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openSession } from 'orchestra-toolchain/client';
import { testHost } from 'orchestra-toolchain/testing';
import plugin from './plugin.ts';

// A host in this process: sessions are the same as over the network.
const host = await testHost(plugin);
const { client } = host;
after(() => host.stop());

test('gives a hint before a turn, and keeps the notes of its session', async () => {
	const session = await openSession(client);
	const { before, result } = await session.turn({ prompt: 'test it' }, () =>
		session.callTool('note', { text: 'tested' }),
	);
	assert.deepEqual(
		before.messages.map(({ content }) => content),
		['Run the tests before you say that it works.'],
	);
	assert.equal(result.kept, 1);
	const { result: notes } = await session.sessions.operate({ session: session.info.id, name: 'notes' });
	assert.deepEqual(notes, ['tested']);
	await session.close();
});

test('refuses a note that is too long, and other sessions know nothing of it', async () => {
	const session = await openSession(client);
	await assert.rejects(session.callTool('note', { text: 'x'.repeat(1000) }), { code: 'note_too_long' });
	const { result: notes } = await session.sessions.operate({ session: session.info.id, name: 'notes' });
	assert.deepEqual(notes, []);
	await session.close();
});
