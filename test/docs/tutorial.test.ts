import { join } from 'node:path';
import { describe, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { PageRunner, runPage } from './page-runner.ts';
import { readerHome } from './reader-home.ts';

// The way of a newcomer, as docs/tutorial.md tells it: init, dev, a change, test, build --pack, install, serve, call. In a home of its own, and without a network.

const scratch = scratchFolder('tutorial');

describe.concurrent.each(['node', 'deno'] as const)('the tutorial on %s', (runtime) => {
	test('does what it says', { timeout: 500_000 }, async () => {
		const ports = [await freePort(), await freePort()] as const;
		const adapted = (text: string) =>
			text.replaceAll('50100', `${ports[0]}`).replaceAll('50101', `${ports[1]}`);
		const home = readerHome(join(scratch, runtime), { runtime, ports });
		await using reader = new PageRunner({ ...home, runtime, adapted });
		await runPage('docs/tutorial.md', (word) => (word === '' ? reader : undefined));
	});
});
