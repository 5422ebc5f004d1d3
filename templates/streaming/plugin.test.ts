import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testHost } from 'orchestra-toolchain/testing';
import plugin from './plugin.ts';

// A host in this process: chunks, errors and cancellation are just as they are over the network.
const host = await testHost(plugin);
const { client } = host;
after(() => host.stop());

test('counts down to zero', async () => {
	const chunks: string[] = [];
	for await (const { data } of client.streamTool('countdown', { from: 2, intervalMs: 1 })) {
		chunks.push(new TextDecoder().decode(data));
	}
	assert.deepEqual(chunks, ['{"left":2}', '{"left":1}', 'lift-off']);
});

test('stops when nobody listens any more', async () => {
	// An hour between two numbers: were the countdown not cancelled, this test would not end.
	for await (const { sequence } of client.streamTool('countdown', { intervalMs: 60_000 })) {
		assert.equal(sequence, 0);
		break;
	}
});

test('stops when the caller cancels', async () => {
	const controller = new AbortController();
	const stream = client.streamTool('countdown', { intervalMs: 60_000 }, { signal: controller.signal });
	await stream.next();
	controller.abort();
	await assert.rejects(stream.next(), { code: 'cancelled' });
});
