import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const folder = scratchFolder('test');

const plugin = join(folder, 'plugin.mjs');
writeFileSync(
	plugin,
	`import { createPlugin } from 'orchestra-toolchain';
export default createPlugin('small')
	.version('1.0.0')
	.registerTool('hello', { description: 'Says hello.', input: { type: 'object' } }, () => 'hello')
	.build();
`,
);

describe.each(['node', 'deno'] as const)('orchestra test on %s', (runtime) => {
	test('runs the checks and the cases of an example, and exits 0', async () => {
		const { code, stdout, stderr } = await runCli(['test', 'examples/weather'], { runtime });
		expect([code, stderr]).toEqual([0, '']);
		expect(stdout).toMatch(/^✓ 101 ready-line/m);
		expect(stdout).toMatch(/^- 801 storage-create \(it provides no storage\)$/m);
		expect(stdout).toMatch(/^✓ a city that sank$/m);
		expect(stdout).toMatch(/^\d+ passed, \d+ skipped in /m);
	});
});

test('a case that fails says what was expected, what came, and where it stands; the exit code is 5', async () => {
	const cases = join(folder, 'failing.cases.yaml');
	writeFileSync(cases, 'cases:\n  - call: hello\n    expect: { result: { text: bye } }\n');
	const reports = { junit: join(folder, 'report.xml'), tap: join(folder, 'report.tap') };
	const args = ['test', plugin, '--cases-only', '--cases', cases];
	const { code, stdout, stderr } = await runCli([...args, '--junit', reports.junit, '--tap', reports.tap]);
	expect(code).toBe(5);
	expect(stdout).toMatch(/✗ hello\n +expected .*"bye".*\n +came.*"hello".*\n +at .*failing.cases.yaml:2/);
	expect(stderr).toContain('failed 1 of 1 test');
	expect(readFileSync(reports.junit, 'utf8')).toContain('failures="1"');
	expect(readFileSync(reports.tap, 'utf8')).toContain('not ok 1');

	const json = await runCli([...args, '--json']);
	expect(json.code).toBe(5);
	expect(JSON.parse(json.stdout)).toMatchObject({
		failed: 1,
		results: [{ outcome: 'failed', name: 'hello' }],
	});
	expect(JSON.parse(json.stderr)).toMatchObject({
		error: { code: 'tests_failed', details: { failed: ['hello'] } },
	});
	rmSync(cases);
});

test('a file with cases that is off is told with its line and key, before anything runs', async () => {
	const cases = join(folder, 'off.cases.yaml');
	writeFileSync(cases, 'cases:\n  - cal: hello\n');
	const { code, stdout, stderr } = await runCli(['test', plugin, '--cases', cases]);
	expect([code, stdout]).toEqual([3, '']);
	expect(stderr).toContain(`${cases}:2:5: cases[0].cal: unknown key; did you mean call?`);
	rmSync(cases);
});

test('--record makes the cases, which pass from then on', async () => {
	const args = ['test', folder, '--cases-only'];
	const none = await runCli(args);
	expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('there is no *.cases.yaml')]);
	expect(await runCli([...args, '--record'])).toMatchObject({ code: 0 });
	const file = join(folder, `${basename(folder)}.cases.yaml`);
	expect(readFileSync(file, 'utf8')).toContain(
		'- call: hello\n    expect:\n      result:\n        text: hello\n',
	);
	expect(await runCli(args)).toMatchObject({ code: 0, stdout: expect.stringContaining('1 passed') });
});

test('Ctrl-C ends the test, its processes and its folder', async () => {
	const scratch = join(folder, 'tmp');
	mkdirSync(scratch);
	await using cli = new RunningCli(['test', plugin], {
		env: { TMPDIR: scratch },
	});
	await cli.until(/^✓ 301/m);
	cli.child.kill('SIGINT');
	expect(await cli.exited).toBe(130);
	expect(cli.stderr).toContain('interrupted');
	expect(readdirSync(scratch).filter((name) => name.startsWith('orchestra-test-'))).toEqual([]);
});

test('names of checks are known, and can be listed', async () => {
	const wrong = await runCli(['test', plugin, '--only', 'ready-lin']);
	expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('Did you mean ready-line?')]);
	const { code, stdout } = await runCli(['test', '--list']);
	expect(code).toBe(0);
	expect(stdout).toMatch(/^1104 sigterm core\n {4}It is what/m);
});

test('one check of a plugin that does not start fails, with why', async () => {
	const { code, stdout } = await runCli([
		'test',
		'test/commands/fixtures/exits.sh',
		'--only',
		'unknown-tool',
	]);
	expect(code).toBe(5);
	expect(stdout).toMatch(/✗ \d+ unknown-tool/);
	expect(stdout).toContain('exit code 7');
});
