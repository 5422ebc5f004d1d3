import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { quicWorks } from '../launching/quic-works.ts';
import { freePort } from '../support/free-port.ts';
import { projectRoot } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { runProgram } from '../toolchain/run-program.ts';
import { PageRunner, runPage } from './page-runner.ts';
import { readerHome } from './reader-home.ts';

// Every command of these pages, as it is written there. The tutorial runs with each `npm test`.

const scratch = scratchFolder('pages');
const limits = { timeout: 300_000 };

/** A reader who stands in the folder of the tutorial's plugin. */
async function readerOfWeather(name: string): Promise<PageRunner> {
	const ports = [await freePort(), await freePort()] as const;
	const { cwd, env } = readerHome(join(scratch, name), { runtime: 'node', ports });
	const made = await runProgram('orchestra', ['init', 'weather', '--yes'], { cwd, env });
	expect(made.code, made.stderr).toBe(0);
	const adapted = (text: string) =>
		text.replaceAll('50100', `${ports[0]}`).replaceAll('50101', `${ports[1]}`);
	return new PageRunner({ cwd: join(cwd, 'weather'), env, runtime: 'node', adapted });
}

test('the README, and those of the examples', limits, async () => {
	const ports = [await freePort(), await freePort()] as const;
	const { env } = readerHome(join(scratch, 'readme'), { runtime: 'node', ports });
	const adapted = (text: string) =>
		text.replaceAll('50100', `${ports[0]}`).replaceAll('50101', `${ports[1]}`);
	for (const path of ['README.md', ...readdirSync('examples').map((name) => `examples/${name}/README.md`)]) {
		await using reader = new PageRunner({ cwd: projectRoot, env, runtime: 'node', adapted });
		await runPage(path, (word) => (word === '' ? reader : undefined));
	}
});

test.each(['debugging', 'ci'])('%s', limits, async (name) => {
	await using reader = await readerOfWeather(name);
	await runPage(`docs/how-to/${name}.md`, (word) => (word === '' ? reader : undefined));
});

const go = spawnSync('go', ['env', 'GOPATH', 'GOCACHE'], { encoding: 'utf8' });
const missing =
	go.status === 0 ? ((await quicWorks()) ? '' : 'QUIC has no binary for this machine') : 'there is no go';

test.skipIf(missing)(`go${missing && ` [skipped: ${missing}]`}`, limits, async () => {
	const [GOPATH = '', GOCACHE = ''] = go.stdout.split('\n');
	const port = await freePort();
	const { cwd, env } = readerHome(join(scratch, 'go'), { runtime: 'node', ports: [0, 0] });
	const adapted = (text: string) => text.replaceAll('50101', `${port}`);
	await using reader = new PageRunner({ cwd, env: { ...env, GOPATH, GOCACHE }, runtime: 'node', adapted });
	await runPage('docs/how-to/go.md', (word) => (word === '' ? reader : undefined));
});

test('two machines', limits, async () => {
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
	await using server = machine('server');
	await using worker = machine('worker');
	const modules = join(scratch, 'worker/projects/node_modules');
	mkdirSync(modules);
	symlinkSync(projectRoot, join(modules, 'orchestra-toolchain'));
	await runPage('docs/how-to/two-machines.md', (word) => ({ server, worker })[word]);
});
