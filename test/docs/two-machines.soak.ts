import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { projectRoot } from '../support/run-cli.ts';
import { freePort } from './free-port.ts';
import { PageRunner, runPage } from './page-runner.ts';
import { readerHome } from './reader-home.ts';

test('docs/how-to/two-machines.md does what it says', { timeout: 180_000 }, async () => {
	const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'orchestra-machines-')));
	const ports = { server: await freePort(), worker: await freePort() };
	const adapted = (text: string) =>
		text
			.replaceAll('10.0.0.1:50101', `127.0.0.1:${ports.server}`)
			.replaceAll('10.0.0.2:50101', `127.0.0.1:${ports.worker}`);
	const machine = (name: 'server' | 'worker') => {
		const scp = `[ "$1" = -r ] && shift
cp -R "$1" '${join(scratch, 'worker/projects')}'/"\${2#worker:}"`;
		const home = readerHome(join(scratch, name), { runtime: 'node', ports: [0, 0], programs: { scp } });
		return new PageRunner({ ...home, runtime: 'node', adapted });
	};
	try {
		await using server = machine('server');
		await using worker = machine('worker');
		const modules = join(scratch, 'worker/projects/node_modules');
		mkdirSync(modules);
		symlinkSync(projectRoot, join(modules, 'orchestra-toolchain'));
		await runPage('docs/how-to/two-machines.md', (word) => ({ server, worker })[word]);
	} finally {
		rmSync(scratch, { recursive: true, force: true });
	}
});
