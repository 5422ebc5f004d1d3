import { expect, test } from 'vitest';
import { runAfterEach } from '../../support/run-after-each.ts';
import { echo } from '../handlers.ts';
import type { Network } from '../harness.ts';
import { createHarness } from '../harnesses.ts';
import { Recorder, toolCall } from '../recorder.ts';

const afterwards = runAfterEach();

/** Timers of this process that run. */
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

// Alone in its file: what a link of another test had left would be counted before.
test('a connection that was closed in good order leaves no timer', async () => {
	const network = (await createHarness('tcp')).network as Network;
	const listener = await network.carrier.listen(
		{ carrier: 'tcp', host: '127.0.0.1', port: 0 },
		{ identity: network.server, handler: echo },
	);
	afterwards(() => listener.close());
	const before = timers();
	const connection = await network.dial(listener.address);
	await new Recorder(connection, toolCall()).response();
	// It is the server that says goodbye first, and gives the client a moment to do likewise.
	await listener.close();
	expect(timers()).toBeLessThanOrEqual(before);
	await connection.close();
});
