import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const kitchen = 'test/commands/fixtures/kitchen.ts';
const scratch = scratchFolder('bench');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

const short = ['--duration', '300ms', '--warm-up', '0', '-c', '4'];
const bench = (...words: string[]) => runCli(['bench', kitchen, ...words, ...short], { env });

describe.each([
	['embedded', [], 'memory'],
	['spawned', ['--spawn'], 'fd'],
	['spawned over tcp', ['--spawn', '--carrier', 'tcp'], 'tcp'],
])('bench, %s', (_name, flags, carrier) => {
	test('measures rate, percentiles and where the time goes', async () => {
		const { code, stdout, stderr } = await bench('greet', 'name=Ada', '--json', ...flags);
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		const measured = JSON.parse(stdout);
		expect(measured).toMatchObject({ tool: 'greet', carrier, concurrency: 4, failed: 0, errors: [] });
		// One of each caller at least, however slow the machine is.
		expect(measured.calls).toBeGreaterThanOrEqual(4);
		const { min, p50, p99, max } = measured.latencyMs;
		expect([min, p50, p99, max]).toEqual([min, p50, p99, max].toSorted((a, b) => a - b));
		for (const part of ['queueMs', 'wireMs', 'handlerMs'])
			expect(measured[part].p50).toBeGreaterThanOrEqual(0);
		expect(measured.connectMs === undefined).toBe(carrier !== 'tcp');
	});
});

test('a table for a person, and a stream read to its end', async () => {
	const { code, stdout } = await bench('count', 'to=3');
	expect(code).toBe(0);
	expect(stdout).toMatch(/calls\/s {2}\d+ answered in/);
	expect(stdout).toMatch(/^latency +[\d.]+ +[\d.]+/m);
	expect(stdout).toMatch(/^first chunk /m);
	expect(stdout).toMatch(/chunks\/s/);
});

test('a tool that always fails is told with its answer, and exits with its code', async () => {
	const { code, stdout, stderr } = await bench('fail', '--json');
	expect(code).toBe(5);
	const [document] = stdout.trim().split('\n');
	expect(JSON.parse(document ?? '')).toMatchObject({ calls: 0, errors: [{ code: 'burnt' }] });
	expect(JSON.parse(stderr).error.code).toBe('burnt');
});

test('Ctrl-C ends it, with what was measured so far', async () => {
	await using running = new RunningCli(
		['bench', kitchen, 'greet', 'name=Ada', '--duration', '10m', '--warm-up', '0', '--json'],
		{ env: { ...env, ORCHESTRA_LOG: 'exchange' } },
	);
	// It has no output of its own before its end.
	await running.until(/toolCall "greet" #20\b/);
	running.child.kill('SIGINT');
	expect(await running.exited).toBe(130);
	expect(JSON.parse(running.stdout).calls).toBeGreaterThan(0);
});

test.each([
	[['greet', 'nam=Ada'], 'invalid_arguments'],
	[['gret'], 'tool_not_found'],
])('%j is a mistake', async (words, code) => {
	const result = await bench(...words, '--json');
	expect(result).toMatchObject({ code: 2, stdout: '' });
	expect(JSON.parse(result.stderr).error.code).toBe(code);
});
