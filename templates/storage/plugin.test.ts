import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testHost } from 'orchestra-toolchain/testing';
import plugin from './plugin.ts';

// A host in this process: requests are routed and errors arrive just as they do over the network.
const host = await testHost(plugin);
const { client } = host;
const notes = { storageType: 'notes' };
after(() => host.stop());

test('keeps what is written, with a version', async () => {
	assert.equal(await client.storage.write('plan.md', 'Build it', notes), 1);
	const { content, version } = await client.storage.read('plan.md', notes);
	assert.equal(new TextDecoder().decode(content), 'Build it');
	assert.equal(version, 1);
	const listed = await client.storage.list({ ...notes, pattern: '*.md' });
	assert.deepEqual(
		listed.map(({ path, size }) => ({ path, size })),
		[{ path: 'plan.md', size: 8 }],
	);
	await client.storage.delete('plan.md', notes);
	await assert.rejects(client.storage.read('plan.md', notes), { code: 'storage_not_found' });
});

test('lets one of two writers win', async () => {
	const writes = await Promise.allSettled([
		client.storage.write('race.md', 'mine', notes),
		client.storage.write('race.md', 'yours', notes),
	]);
	assert.deepEqual(writes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
	const lost = writes.find((write) => write.status === 'rejected');
	assert.equal(lost?.reason.code, 'storage_conflict');
});

test('loses no line, whoever else appends', async () => {
	const lines = Array.from({ length: 10 }, (_, line) => `line ${line}`);
	await Promise.all(lines.map((text) => client.callTool('append', { text })));
	const { content } = await client.storage.read('inbox.md', notes);
	assert.deepEqual(new TextDecoder().decode(content).trim().split('\n').sort(), lines);
});
