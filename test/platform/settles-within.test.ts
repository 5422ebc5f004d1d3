import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { settlesWithin } from '../../src/runtime/platform/settles-within.ts';

test('a promise that never settles does not settle within a time', async () => {
	expect(await settlesWithin(new Promise(() => {}), 1)).toBe(false);
});

test.each([
	['resolves', () => Promise.resolve()],
	['rejects', () => Promise.reject(new Error('no'))],
])('a promise that %s settles within no time', async (_, promise) => {
	expect(await settlesWithin(promise(), 0)).toBe(true);
});

test('what arrived while this process stood still has arrived in time', async () => {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
	const [[accepted]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [
		[Socket],
		unknown,
	];
	try {
		const heard = settlesWithin(once(socket, 'data'), 20);
		accepted.write('word');
		const until = performance.now() + 100;
		while (performance.now() < until);
		expect(await heard).toBe(true);
	} finally {
		socket.destroy();
		accepted.destroy();
		server.close();
	}
});
