import { afterEach, beforeAll, expect, test } from 'vitest';
import { encodeResponseFrame } from '../../../src/runtime/wire/frame.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { Network } from '../harness.ts';
import { createHarness } from '../harnesses.ts';
import { Recorder, toolCall } from '../recorder.ts';
import { startScriptedServer } from './scripted-server.ts';

let network: Network;
const open: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
	network = (await createHarness('tcp')).network as Network;
});

afterEach(async () => {
	for (const close of open.splice(0).reverse()) await close();
});

test('a request that was held back until the server showed a sign of life tells it the time that is left', async () => {
	let asked = 0;
	let answer: (() => void) | undefined;
	let told: number | undefined;
	const server = await startScriptedServer(network.server, (request, socket) => {
		const respond = () => socket.write(encodeResponseFrame({ requestId: request.requestId ?? '' }));
		if (!request.streamCredit) told = request.timeoutMs;
		else if (asked++ === 0) respond();
		else answer = respond;
	});
	open.push(server.close);
	const connection = await network.dial(server.address, { keepAlive: { idleMs: 30, answerMs: 20_000 } });
	open.push(() => connection.close());
	// The server was silent, and is asked whether it is there.
	await waitUntil(() => answer !== undefined);
	const begin = performance.now();
	const call = new Recorder(connection, toolCall(), { timeoutMs: 60_000 });
	open.push(async () => call.exchange.cancel());
	await waitUntil(() => performance.now() - begin > 100);
	expect(told).toBeUndefined();
	answer?.();
	await waitUntil(() => told !== undefined);
	expect(told).toBeGreaterThan(0);
	expect(told).toBeLessThanOrEqual(60_000 - 100);
});
