import { afterEach, expect, test } from 'vitest';
import { echo } from '../handlers.ts';
import type { Network } from '../harness.ts';
import { createHarness } from '../harnesses.ts';
import { Recorder, toolCall } from '../recorder.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of open.splice(0).reverse()) await close();
});

/** Timers of this process that run. */
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

// Alone in its file: what a link of another test had left would be counted before.
test('a connection that was closed in good order leaves no timer', async () => {
	const network = (await createHarness('tcp')).network as Network;
	const listener = await network.carrier.listen(
		{ carrier: 'tcp', host: '127.0.0.1', port: 0 },
		{ identity: network.server, handler: echo },
	);
	open.push(() => listener.close());
	const before = timers();
	const connection = await network.dial(listener.address);
	await new Recorder(connection, toolCall()).response();
	// It is the server that says goodbye first, and gives the client a moment to do likewise.
	await listener.close();
	expect(timers()).toBeLessThanOrEqual(before);
	await connection.close();
});
