import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, test } from 'node:test';
import { createClient, createPlugin, Orchestrator } from 'orchestra-toolchain';
import plugin from './plugin.ts';

// Another plugin that listens, so that a test can wait for an event.
const heard = new EventEmitter();
const listener = createPlugin('test.listener')
	.version('0.0.0')
	.subscribe('tasks', ({ eventType, payload }) => heard.emit('tasks', eventType, payload))
	.subscribe('scores', ({ payload }) => heard.emit('scores', payload))
	.build();

// A host in this process: events are routed just as they are over the network.
const orchestrator = new Orchestrator();
await orchestrator.embed(plugin);
await orchestrator.embed(listener);
const client = createClient(orchestrator.connect('test'));
const signal = AbortSignal.timeout(10_000);

after(async () => {
	await client.close();
	await orchestrator.stop();
});

test('tells others what became of a task', async () => {
	const told = once(heard, 'tasks', { signal });
	await client.callTool('report', { task: 'paint', state: 'started' });
	assert.deepEqual(await told, ['task.started', { task: 'paint', person: 'somebody', state: 'started' }]);
});

test('keeps the score of finished tasks only', async () => {
	const scored = once(heard, 'scores', { signal });
	await client.callTool('report', { task: 'sand', person: 'Ada', state: 'started' });
	await client.callTool('report', { task: 'sand', person: 'Ada' });
	assert.deepEqual(await scored, [{ person: 'Ada', count: 1 }]);
	assert.deepEqual(await client.callTool('score'), { score: { Ada: 1 } });
});
