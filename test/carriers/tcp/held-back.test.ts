import { beforeAll, expect, test } from 'vitest';
import { encodeResponseFrame } from '../../../src/runtime/wire/frame.ts';
import { runAfterEach } from '../../support/run-after-each.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { Network } from '../harness.ts';
import { createHarness } from '../harnesses.ts';
import { Recorder, toolCall } from '../recorder.ts';
import { startScriptedServer } from './scripted-server.ts';

let network: Network;
const afterwards = runAfterEach();

beforeAll(async () => {
	network = (await createHarness('tcp')).network as Network;
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
	afterwards(server.close);
	const connection = await network.dial(server.address, { keepAlive: { idleMs: 30, answerMs: 20_000 } });
	afterwards(() => connection.close());
	// The server was silent, and is asked whether it is there.
	await waitUntil(() => answer !== undefined);
	const call = new Recorder(connection, toolCall(), { timeoutMs: 60_000 });
	// Its time runs already.
	const begin = performance.now();
	afterwards(async () => call.exchange.cancel());
	await waitUntil(() => performance.now() - begin > 100);
	expect(told).toBeUndefined();
	answer?.();
	await waitUntil(() => told !== undefined);
	expect(told).toBeGreaterThan(0);
	expect(told).toBeLessThanOrEqual(60_000 - 100);
});

/** Timers of this process that run. */
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('a connection that ends in the middle of a message leaves no timer', async () => {
	const before = timers();
	const server = await startScriptedServer(network.server, (request, socket) => {
		const answer = encodeResponseFrame({ requestId: request.requestId ?? '' });
		// The call has its answer, and the begin of a message that never ends.
		if (!request.streamCredit) socket.write(Buffer.concat([answer, answer.subarray(0, answer.length - 1)]));
		else socket.write(answer);
	});
	afterwards(server.close);
	const connection = await network.dial(server.address);
	await new Recorder(connection, toolCall()).response();
	await connection.close();
	await connection.closed;
	expect(timers()).toBeLessThanOrEqual(before);
});
