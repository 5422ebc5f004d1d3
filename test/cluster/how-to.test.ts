import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'vitest';
import { PageRunner, runPage } from '../docs/page-runner.ts';
import { readerHome } from '../docs/reader-home.ts';
import { freePort } from '../support/free-port.ts';
import { natsServerProgram } from '../support/nats-server.ts';

/** A port of which the next is free too. */
async function freePair(): Promise<number> {
	for (;;) {
		const port = await freePort();
		const isFree = await new Promise<boolean>((resolve) => {
			const server = createServer();
			server.once('error', () => resolve(false));
			server.listen(port + 1, '127.0.0.1', () => server.close(() => resolve(true)));
		});
		if (isFree) return port;
	}
}

const program = natsServerProgram();

describe.skipIf(program === undefined)('the page of a cluster on one machine (with nats-server)', () => {
	it('does what it says', { timeout: 300_000 }, async () => {
		const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'orchestra-cluster-page-')));
		try {
			const [port, nats] = [await freePair(), await freePort()];
			const adapted = (text: string) =>
				text
					.replaceAll('50101', `${port}`)
					.replaceAll('50102', `${port + 1}`)
					.replaceAll('4222', `${nats}`);
			const home = readerHome(join(scratch, 'home'), { runtime: 'node', ports: [0, 0] });
			const env = { ...home.env, PATH: `${home.env.PATH}:${dirname(program ?? '')}` };
			const terminals = () => new PageRunner({ cwd: home.cwd, env, runtime: 'node', adapted });
			await using server = terminals();
			await using alpha = terminals();
			await using beta = terminals();
			await runPage(
				'docs/how-to/cluster.md',
				(word) => ({ nats: server, alpha, beta })[word] ?? (word === '' ? alpha : undefined),
			);
		} finally {
			rmSync(scratch, { recursive: true, force: true });
		}
	});
});
