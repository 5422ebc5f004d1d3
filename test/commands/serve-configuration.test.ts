import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeExecutable, writeModule } from '../toolchain/serve/plugin-files.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const scratch = scratchFolder('serve-configuration');

const env = {
	ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
	ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
	SECRET: 'hunter2',
};
beforeAll(async () => {
	// While the first certificates are made a signal ends a server at once: what is tested here is another thing.
	for (const name of ['orchestrator', 'orchestrator-to-there', 'orchestrator-to-wrong']) {
		await ensureIdentity(env.ORCHESTRA_CERTS_DIR, name);
	}
});

const newFolder = (files: Record<string, string> = {}) =>
	writeFiles(mkdtempSync(join(scratch, 'folder-')), files);

interface Ready {
	addresses: string[];
	plugins: { id: string; state: string; reason?: string }[];
	configuration?: string;
	warnings?: unknown[];
}

async function serve(
	cwd: string,
	args: readonly string[],
	runtime: 'node' | 'deno' = 'node',
): Promise<{ cli: RunningCli; ready: Ready; call: (...words: string[]) => Promise<unknown> }> {
	const cli = new RunningCli(['serve', ...args, '--json'], { env, cwd, runtime });
	const [line] = await cli.until(/^.*"event":"ready".*$/m);
	const ready = JSON.parse(line) as Ready;
	const call = async (...words: string[]) => {
		const { code, stdout, stderr } = await runCli(['call', ready.addresses[0] ?? '', ...words, '--json'], {
			env,
		});
		if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
		return JSON.parse(stdout);
	};
	return { cli, ready, call };
}

describe.each(['node', 'deno'] as const)('a configuration on %s', (runtime) => {
	test('is found in the working folder, and served whole', async () => {
		const folder = newFolder({
			'orchestra.yaml': `
listen: [tcp://127.0.0.1:0]
plugins:
  - {id: here, module: here.ts, config: {k: "\${env:SECRET}"}}
  - id: there
    module: there
    spawn: true
    carrier: tcp
    args: [--workspace=., --x]
    env: {OWN: "\${env:SECRET}"}
    depends_on: [tool]
  - {id: tool, binary: tool.mjs}
  - {id: wrong, module: here.ts, spawn: true}
`,
			'plugins.yaml': 'not: read',
		});
		writeModule(folder, 'here.ts', { id: 'here' });
		writeModule(folder, 'there/plugin.ts', { id: 'there' });
		writeExecutable(folder, 'tool.mjs', { id: 'tool' });
		const { cli, ready, call } = await serve(folder, [], runtime);
		try {
			expect(ready).toMatchObject({ configuration: join(folder, 'orchestra.yaml'), warnings: [] });
			const { wrong, ...states } = Object.fromEntries(ready.plugins.map(({ id, state }) => [id, state]));
			expect(states).toEqual({ here: 'running', there: 'running', tool: 'running' });
			expect(wrong).toBe('failed');
			expect(ready.plugins.find(({ id }) => id === 'wrong')?.reason).toContain('here');
			expect(await call('here.about')).toMatchObject({ pid: cli.child.pid, booted: { k: 'hunter2' } });
			const there = (await call('there.about')) as { env: Record<string, string>; args: string[] };
			expect(there).toMatchObject({ cwd: join(folder, 'there'), env: { OWN: 'hunter2' } });
			expect(there.env.SECRET).toBeUndefined();
			expect(there.args).toEqual(expect.arrayContaining([`--workspace=${folder}`, '--x']));
			expect(await call('tool.about')).toMatchObject({ cwd: folder });
			cli.child.kill('SIGTERM');
			expect(await cli.exited).toBe(0);
			expect(cli.stdout + cli.stderr).not.toContain('hunter2');
		} finally {
			await cli[Symbol.asyncDispose]();
		}
	});
});

test('a file that is named, with what the command line adds to it', async () => {
	const folder = newFolder({
		'deploy/mine.yaml': `
listen: [tcp://127.0.0.1:1]
certs_dir: not-used
plugins:
  - {id: a, module: a.ts, config: {k: file, l: file}}
  - {id: b, module: b.ts}
`,
	});
	writeModule(folder, 'deploy/a.ts', { id: 'a', tools: ['shared'] });
	writeModule(folder, 'deploy/b.ts', { id: 'b', tools: ['shared'] });
	const args = ['--config', 'deploy/mine.yaml', '--config', 'k=line', '--prefer', 'b'];
	const more = ['--listen', 'tcp://127.0.0.1:0', '--certs-dir', env.ORCHESTRA_CERTS_DIR];
	const { cli, call } = await serve(folder, [...args, ...more]);
	try {
		expect(await call('shared')).toEqual({ text: 'b' });
		expect(await call('a.about')).toMatchObject({ booted: { k: 'line', l: 'file' } });
	} finally {
		await cli[Symbol.asyncDispose]();
	}
});

test("the Go orchestrator's file says what is as there, once, and what is not", async () => {
	const folder = newFolder({
		'plugins.yaml': `
listen_addr: localhost:0
tcp_addr: localhost:0
certs_dir: ${env.ORCHESTRA_CERTS_DIR}
plugins:
  - {id: one, binary: ./one.mjs, enabled: true, enabeld: true}
  - {id: two, binary: ./two.mjs, enabled: true}
  - {id: three, binary: ./three.mjs}
`,
	});
	for (const id of ['one', 'two']) writeExecutable(folder, `${id}.mjs`, { id, tools: ['shared'] });
	await using cli = new RunningCli(['serve'], { env, cwd: folder });
	await cli.until(/serving 2 plugins/);
	const lines = cli.stderr.split('\n').filter((line) => line !== '' && !/\b(READY|IDENTIFY)\b/.test(line));
	expect(lines).toEqual([
		'warning: plugins.yaml:6:49: plugins[0].enabeld: unknown key, ignored; did you mean enabled?',
		'warning: plugins.yaml:8:5: plugins[2]: three is not started: it does not say enabled: true',
		'as with the Go orchestrator, its plugins see all environment variables of this process',
		'unlike with the Go orchestrator, TCP has mutual TLS: for clients on this machine that know none, add --listen tcp+plain://127.0.0.1:PORT',
		'[two] warn two answers for the tool shared, which one has too',
	]);
});

describe('what is wrong ends it before anything starts', () => {
	const broken = newFolder({
		'orchestra.yaml': 'plugins:\n  - {id: a, module: a.ts, depends_on: [a], enabeld: true}\n',
	});
	const empty = newFolder();

	test.each<[string, string, string[], number, RegExp]>([
		[
			'a file with faults',
			broken,
			[],
			3,
			/^error orchestra\.yaml has 2 faults:\n {2}orchestra\.yaml:2:27: plugins\[0\]\.depends_on: goes round in a circle: a → a\n {2}orchestra\.yaml:2:44: plugins\[0\]\.enabeld: unknown key; did you mean enabled\?\n→/,
		],
		[
			'no file and no target',
			empty,
			[],
			2,
			/^error there is nothing to serve: .*\n→ .*orchestra\.yaml, orchestra\.yml, plugins\.yaml\./,
		],
		['a file that is not there', empty, ['--config', 'nope.yaml'], 3, /^error nope\.yaml does not exist\n/],
		['a folder as a file', empty, ['--config', '.'], 3, /is a folder\n/],
		[
			'two files',
			empty,
			['--config', 'a.yaml', '--config', 'b.yaml'],
			2,
			/^error --config names two files: a\.yaml and b\.yaml\n/,
		],
		[
			'a file and targets',
			broken,
			['x', 'y', '--config', 'orchestra.yaml'],
			2,
			/^error orchestra\.yaml names the plugins already: x y is too much\n/,
		],
	])('%s', async (_title, cwd, args, exitCode, text) => {
		const { code, stdout, stderr } = await runCli(['serve', ...args], { env, cwd });
		expect(stderr).toMatch(text);
		expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
	});

	test('with --json the faults are data', async () => {
		const { code, stderr } = await runCli(['serve', '--json'], { env, cwd: broken });
		expect(code).toBe(3);
		const { error } = JSON.parse(stderr);
		expect(error).toMatchObject({
			code: 'invalid_configuration',
			details: {
				file: 'orchestra.yaml',
				total: 2,
				faults: [
					{ line: 2, column: 27, key: 'plugins[0].depends_on' },
					{ line: 2, column: 44, key: 'plugins[0].enabeld' },
				],
			},
		});
	});
});
