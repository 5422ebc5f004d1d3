import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CliOptions, RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

// The executable itself under Deno. What does not depend on the runtime is tested on Node only.

const kitchen = 'test/commands/fixtures/kitchen.ts';

const scratch = scratchFolder('deno');
let options: CliOptions = {};

beforeAll(() => {
	options = {
		runtime: 'deno',
		timeoutMs: 60_000,
		env: { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') },
	};
});

const orchestra = (...words: string[]) => runCli(words, options);

test('says that it runs on Deno', async () => {
	const { code, stdout } = await orchestra('--version');
	expect(stdout).toMatch(/^orchestra \d+\.\d+\.\d+ \(deno 2\./);
	expect(code).toBe(0);
});

describe.each([
	['embedded', []],
	['spawned', ['--spawn']],
	['spawned over quic', ['--spawn', '--carrier', 'quic']],
	['spawned over tcp', ['--spawn', '--carrier', 'tcp']],
])('call, %s', (_name, flags) => {
	test('calls a tool', async () => {
		expect(await orchestra('call', kitchen, 'greet', 'name=Ada', ...flags)).toEqual({
			code: 0,
			stdout: 'hello Ada\n',
			stderr: '',
		});
	});

	test('reads a stream', async () => {
		expect(await orchestra('call', kitchen, 'count', ...flags)).toMatchObject({
			code: 0,
			stdout: '1\n2\n3\n',
		});
	});

	test('exits 5 with what the tool answered', async () => {
		const { code, stderr } = await orchestra('call', kitchen, 'fail', '--json', ...flags);
		expect(JSON.parse(stderr).error).toMatchObject({ code: 'burnt', details: { dish: 'pie' } });
		expect(code).toBe(5);
	});

	test('Ctrl-C cancels at the plugin too', async () => {
		const file = join(scratch, `wait-${flags.join('')}`);
		await using cli = new RunningCli(['call', kitchen, 'wait', `file=${file}`, ...flags], options);
		await waitUntil(() => existsSync(file));
		cli.child.kill('SIGINT');
		expect(await cli.exited).toBe(130);
		await waitUntil(() => readFileSync(file, 'utf8') === 'cancelled');
	});
});

test('serves over both carriers, to Deno and to Node, and stops cleanly', async () => {
	const anyPorts = ['--listen', 'quic://127.0.0.1:0', '--listen', 'tcp://127.0.0.1:0'];
	const caller = 'test/commands/fixtures/caller.ts';
	await using server = new RunningCli(['serve', kitchen, caller, ...anyPorts, '--json'], options);
	const [line] = await server.until(/^.*"event":"ready".*$/m);
	for (const address of JSON.parse(line).addresses) {
		for (const runtime of ['deno', 'node'] as const) {
			const call = ['call', address, 'greet_twice', 'name=Bo', '--json'];
			const { code, stdout, stderr } = await runCli(call, { ...options, runtime });
			expect(stderr).toBe('');
			expect(JSON.parse(stdout)).toEqual({ greetings: ['hello Bo', 'hello Bo again'] });
			expect(code).toBe(0);
		}
	}
	server.child.kill('SIGTERM');
	expect(await server.exited).toBe(0);
});

test('inspects', async () => {
	const { code, stdout } = await orchestra('inspect', kitchen, '--json');
	expect(JSON.parse(stdout)).toMatchObject({
		plugins: [{ id: 'test.kitchen' }],
		health: { status: 'healthy' },
	});
	expect(code).toBe(0);
});

test('makes certificates and verifies them', async () => {
	expect((await orchestra('certs', 'init')).code).toBe(0);
	expect((await orchestra('certs', 'issue', 'some.plugin')).code).toBe(0);
	expect((await orchestra('certs', 'verify', 'some.plugin')).code).toBe(0);
});

test('scaffolds a plugin and builds it', async () => {
	const folder = join(scratch, 'fresh');
	expect((await orchestra('init', folder, '--runtime', 'deno', '--no-install')).code).toBe(0);
	expect(existsSync(join(folder, 'deno.json'))).toBe(true);
	const built = await orchestra('build', 'examples/weather', '--out', join(scratch, 'out'), '--json');
	expect(built.stderr).toBe('');
	expect(built.code).toBe(0);
});

// There its command line decides whether V8 has a linear engine, and this one says nothing of it.
test.each(['^([A-Za-z]+\\s?)+$', '^(?!x)(\\p{L}+)+$'])('gives up the pattern %s in time', async (pattern) => {
	const schema = { type: 'object', properties: { v: { type: 'string', pattern } } };
	writeFileSync(
		join(scratch, 'evil.mjs'),
		`import { createPlugin } from 'orchestra-toolchain';
		export default createPlugin('evil').registerTool('t', { description: 'T.', input: ${JSON.stringify(schema)} }, () => 1).build();`,
	);
	const { code, stderr } = await orchestra('call', join(scratch, 'evil.mjs'), 't', `v=${'a'.repeat(60)}!`);
	expect({ code, stderr }).toEqual({
		code: 2,
		stderr: expect.stringContaining('takes more than 100 ms to be held against a text of 61 characters'),
	});
});
