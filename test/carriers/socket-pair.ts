import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The two ends of a connection of the kind that a socketpair is, in one process: JavaScript cannot make a socketpair there. */
export async function socketPair(): Promise<{ asking: Socket; serving: Socket }> {
	const folder = mkdtempSync(join(tmpdir(), 'orchestra-pair-'));
	const server = createServer({ allowHalfOpen: true });
	try {
		const path = join(folder, 'socket');
		server.listen(path);
		await once(server, 'listening');
		const accepted = once(server, 'connection') as Promise<[Socket]>;
		const asking = connect(path);
		const [[serving]] = await Promise.all([accepted, once(asking, 'connect')]);
		return { asking, serving };
	} finally {
		server.close();
		rmSync(folder, { recursive: true, force: true });
	}
}
