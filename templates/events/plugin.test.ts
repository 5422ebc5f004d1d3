import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testHost } from 'orchestra-toolchain/testing';
import plugin from './plugin.ts';

// A host in this process: events are routed just as they are over the network, and kept in `host.events`.
const host = await testHost(plugin);
const { client, events } = host;
after(() => host.stop());

test('tells others what became of a task', async () => {
	await client.callTool('report', { task: 'paint', state: 'started' });
	const { eventType, payload } = await events.until(({ topic }) => topic === 'tasks');
	assert.equal(eventType, 'task.started');
	assert.deepEqual(payload, { task: 'paint', person: 'somebody', state: 'started' });
});

test('keeps the score of finished tasks only', async () => {
	await client.callTool('report', { task: 'sand', person: 'Ada', state: 'started' });
	await client.callTool('report', { task: 'sand', person: 'Ada' });
	const { payload } = await events.until(({ topic }) => topic === 'scores');
	assert.deepEqual(payload, { person: 'Ada', count: 1 });
	assert.deepEqual(await client.callTool('score'), { score: { Ada: 1 } });
});
