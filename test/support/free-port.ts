import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give to whoever asks for any port: nobody gets one of these by chance before it is listened at. */
const [lowest, highest] = [15_000, 24_000];

const given = new Set<number>();

/** A port of the loopback interface that nobody listens at now, over TCP or UDP. It is given once. */
export async function freePort(): Promise<number> {
	for (;;) {
		const port = lowest + Math.floor(Math.random() * (highest - lowest));
		if (given.has(port) || !(await isFree(port))) continue;
		given.add(port);
		return port;
	}
}

async function isFree(port: number): Promise<boolean> {
	const server = createServer();
	const socket = createSocket('udp4');
	try {
		await once(server.listen(port, '127.0.0.1'), 'listening');
		socket.bind(port, '127.0.0.1');
		await once(socket, 'listening');
		return true;
	} catch {
		return false;
	} finally {
		await Promise.all([once(socket.close(), 'close'), once(server.close(), 'close')]);
	}
}
