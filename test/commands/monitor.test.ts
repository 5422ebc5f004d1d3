import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot, RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const kitchen = 'test/commands/fixtures/kitchen.ts';
const scratch = scratchFolder('monitor');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
const listen = ['--listen', 'tcp://127.0.0.1:0'];

let cli: RunningCli;
let address = '';
let monitor = '';

beforeAll(async () => {
	const words = ['serve', kitchen, ...listen, '--monitor', '0', '--log-format', 'json', '--json'];
	cli = new RunningCli(words, { env });
	const [line] = await cli.until(/^.*"event":"ready".*$/m);
	const ready = JSON.parse(line);
	[address, monitor] = [ready.addresses[0], ready.monitor];
});

afterAll(async () => {
	await cli[Symbol.asyncDispose]();
});

const get = (path: string, options: RequestInit = {}) => fetch(`${monitor}${path}`, options);

test('counts calls by plugin, tool and outcome, and what reached no plugin', async () => {
	expect(monitor).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
	expect((await runCli(['call', address, 'greet', 'name=Ada'], { env })).code).toBe(0);
	expect((await runCli(['call', address, 'fail'], { env })).code).toBe(5);
	expect((await runCli(['call', address, 'count', 'to=2'], { env })).code).toBe(0);
	const response = await get('/metrics');
	expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
	const text = await response.text();
	const label = 'plugin="test.kitchen"';
	expect(text).toContain(`orchestra_calls_total{${label},kind="tool",name="greet",code="ok"} 1\n`);
	expect(text).toContain(`orchestra_calls_total{${label},kind="tool",name="fail",code="burnt"} 1\n`);
	expect(text).toContain(`orchestra_calls_total{${label},kind="stream",name="count",code="ok"} 1\n`);
	expect(text).toContain(`orchestra_call_duration_seconds_count{${label},kind="tool"} 2\n`);
	expect(text).toContain(`orchestra_calls_in_flight{${label}} 0\n`);
	expect(text).toContain(`orchestra_plugin_up{${label},state="running"} 1\n`);
	expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
	// Each line is a comment, or a name with labels and a number.
	for (const line of text.trimEnd().split('\n'))
		expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.e+-]+)$/);
});

test('/healthz says how it stands, before and after a plugin is gone', async () => {
	const well = await get('/healthz');
	expect(well.status).toBe(200);
	expect(await well.json()).toMatchObject({
		status: 'healthy',
		plugins: [{ id: 'test.kitchen', state: 'running' }],
	});
});

test('answers nothing else', async () => {
	expect((await get('/')).status).toBe(404);
	expect((await get('/metrics', { method: 'POST', body: 'x' })).status).toBe(405);
	expect((await get('/metrics', { method: 'HEAD' })).status).toBe(200);
});

test('with --log-format json each line of stderr is a document', async () => {
	expect((await runCli(['call', address, 'crash'], { env })).code).toBe(5);
	await cli.until(/the oven exploded/);
	const documents = cli.stderr
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line));
	expect(documents).toContainEqual(
		expect.objectContaining({ level: 'error', plugin: 'test.kitchen', time: expect.any(String) }),
	);
});

test('a plugin that cannot start makes it unhealthy', async () => {
	const words = [
		'serve',
		kitchen,
		'test/commands/fixtures/throwing.ts',
		...listen,
		'--monitor',
		'0',
		'--json',
	];
	await using running = new RunningCli(words, { env });
	const [line] = await running.until(/^.*"event":"ready".*$/m);
	const health = await fetch(`${JSON.parse(line).monitor}/healthz`);
	expect(health.status).toBe(503);
	expect(await health.json()).toMatchObject({ status: 'unhealthy' });
});

test('a port that is taken, and a place that is none', async () => {
	const taken = createServer().listen(0, '127.0.0.1');
	await new Promise((resolve) => taken.once('listening', resolve));
	const { port } = taken.address() as { port: number };
	const used = await runCli(['serve', kitchen, ...listen, '--monitor', String(port), '--json'], { env });
	taken.close();
	expect(used.code).toBe(4);
	expect(JSON.parse(used.stderr.trim().split('\n').at(-1) ?? '').error.code).toBe('address_in_use');
	const odd = await runCli(['serve', kitchen, ...listen, '--monitor', 'here', '--json'], { env });
	expect(odd.code).toBe(2);
	expect(JSON.parse(odd.stderr).error.code).toBe('usage');
});

test('the configuration says where, a reload moves it, and its counts go along', async () => {
	const cwd = join(scratch, 'configured');
	mkdirSync(cwd);
	const file = join(cwd, 'orchestra.yaml');
	const configuration = (monitor: string) =>
		`${monitor}\nlisten: [tcp://127.0.0.1:0]\nplugins:\n  - {id: test.kitchen, module: ${join(projectRoot, kitchen)}}\n`;
	writeFileSync(file, configuration('monitor: 0'));
	await using running = new RunningCli(['serve', '--json'], { env, cwd });
	const [line] = await running.until(/^.*"event":"ready".*$/m);
	const { monitor: first, addresses } = JSON.parse(line);
	expect((await runCli(['call', addresses[0], 'greet', 'name=Ada'], { env })).code).toBe(0);
	writeFileSync(file, configuration('monitor: "[::1]:0"'));
	const [moved] = await running.until(/^.*"event":"reloaded".*$/m);
	const { monitor: second } = JSON.parse(moved);
	expect(second).toMatch(/^http:\/\/\[::1\]:\d+$/);
	expect(await (await fetch(`${second}/metrics`)).text()).toContain('name="greet",code="ok"} 1\n');
	await expect(fetch(`${first}/healthz`)).rejects.toThrow();
	// One that is taken is told, and it stays where it is.
	const taken = createServer().listen(0, '127.0.0.1');
	await new Promise((resolve) => taken.once('listening', resolve));
	const { port } = taken.address() as { port: number };
	writeFileSync(file, configuration(`monitor: ${port}`));
	const [refused] = await running.until(/^.*"id":"monitor".*$/m);
	taken.close();
	expect(JSON.parse(refused).failed).toEqual([
		{ id: 'monitor', message: `the monitor cannot listen on 127.0.0.1:${port}: something else does` },
	]);
	writeFileSync(file, configuration(''));
	await running.until(/^.*"event":"reloaded".*"monitor":"".*$/m);
});

test('the flag wins over the configuration, which says where a fault is', async () => {
	const cwd = join(scratch, 'flagged');
	mkdirSync(cwd);
	writeFileSync(join(cwd, 'orchestra.yaml'), 'monitor: 70000\nplugins: []\n');
	const odd = await runCli(['serve', '--json'], { env, cwd });
	expect(odd.code).toBe(3);
	expect(JSON.parse(odd.stderr).error.details.faults).toEqual([
		expect.objectContaining({ line: 1, key: 'monitor' }),
	]);
	writeFileSync(
		join(cwd, 'orchestra.yaml'),
		'monitor: 10.255.255.1:1\nlisten: [tcp://127.0.0.1:0]\nplugins: []\n',
	);
	await using running = new RunningCli(['serve', '--json', '--monitor', '0'], { env, cwd });
	const [line] = await running.until(/^.*"event":"ready".*$/m);
	expect(JSON.parse(line).monitor).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});
