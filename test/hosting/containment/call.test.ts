import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot, RunningCli, runCli } from '../../support/run-cli.ts';

const odd = join(projectRoot, 'test/hosting/containment/fixtures/misbehaving.ts');

/** Each misbehaviour, and what is said of it. */
const misbehaviours: Record<string, RegExp> = {
	rejection: /plugin odd left a promise behind that was rejected: nobody awaits this/,
	timer: /plugin odd threw where nobody could catch it: late/,
	microtask: /plugin odd threw where nobody could catch it: in a microtask/,
	emitter: /plugin odd threw where nobody could catch it: emitted/,
	no_error: /plugin odd left a promise behind that was rejected: only a text/,
	unawaited_call: /plugin odd left a promise behind that was rejected: .*nowhere/,
	exit: /plugin odd called process\.exit\(0\)/,
	late_exit: /plugin odd called process\.exit\(0\)/,
	really_exit: /plugin odd called process\.reallyExit\(0\)/,
	abort: /plugin odd called process\.abort\(\)/,
	kill: /plugin odd called process\.kill\(/,
	deno_exit: /plugin odd called (process|Deno)\.exit\(0\)/,
};

const onDeno = ['rejection', 'late_exit', 'deno_exit', 'kill'];

const cases = [
	...Object.keys(misbehaviours).map((tool) => ({ tool, runtime: 'node' as const })),
	...onDeno.map((tool) => ({ tool, runtime: 'deno' as const })),
];

describe('call of an embedded plugin that misbehaves', () => {
	test.each(cases)('$tool on $runtime: a typed error that names it, exit 5', async ({ tool, runtime }) => {
		const { code, stdout, stderr } = await runCli(['call', odd, tool, '--json'], { runtime });
		const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
		expect(error.code).toBe('handler_error');
		expect(error.message).toMatch(misbehaviours[tool] as RegExp);
		expect(code).toBe(5);
		expect(stdout).toBe(tool === 'rejection' ? '{"text":"answered"}\n' : '');
	});

	test.each(['node', 'deno'] as const)('its output is on stderr under its name on %s', async (runtime) => {
		const { code, stdout, stderr } = await runCli(['call', odd, 'prints'], { runtime });
		expect(stdout).toBe('answered\n');
		expect(stderr).toContain('] printed at load\n');
		expect(stderr).toContain('[odd] printed by a handler\n[odd] written in pieces\n');
		expect(code).toBe(0);
		const inspected = await runCli(['inspect', odd, '--json'], { runtime });
		expect(JSON.parse(inspected.stdout)).toMatchObject({ plugins: [{ id: 'odd' }] });
	});

	test('its exit code is not the command’s', async () => {
		expect(await runCli(['call', odd, 'exit_code'])).toMatchObject({ code: 0, stdout: 'answered\n' });
	});
});

describe('call of an embedded plugin that does not answer', () => {
	test('one that yields: exit 6', async () => {
		const { code, stderr } = await runCli(['call', odd, 'hangs', '--timeout', '300ms', '--json']);
		expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'deadline_exceeded' } });
		expect(code).toBe(6);
	});

	test.each(['node', 'deno'] as const)(
		'one that never yields, on %s: its last words, and SIGKILL',
		async (runtime) => {
			await using cli = new RunningCli(['call', odd, 'blocks', '--timeout', '500ms', '--json'], { runtime });
			await cli.exited;
			expect(JSON.parse(cli.stderr)).toMatchObject({
				error: { code: 'deadline_exceeded', message: expect.stringContaining('tool blocks of plugin odd') },
			});
			expect(cli.stdout).toBe('');
			expect(cli.child.signalCode).toBe('SIGKILL');
		},
	);

	test.each(['node', 'deno'] as const)('Ctrl-C twice ends one that never yields, on %s', async (runtime) => {
		await using cli = new RunningCli(['call', odd, 'blocks'], { runtime });
		await cli.until(/tool blocks of plugin odd blocks the event loop, for \d+ s/);
		cli.child.kill('SIGINT');
		await cli.until(/another Ctrl-C ends it/);
		cli.child.kill('SIGINT');
		await cli.exited;
		expect(cli.stderr).toContain('error ended by SIGINT: tool blocks of plugin odd blocks the event loop');
		expect(cli.child.signalCode).toBe('SIGKILL');
	});

	test('SIGTERM ends one that never yields', async () => {
		await using cli = new RunningCli(['call', odd, 'blocks']);
		await cli.until(/tool blocks of plugin odd blocks the event loop, for \d+ s/);
		cli.child.kill('SIGTERM');
		await cli.exited;
		expect(cli.child.signalCode).toBe('SIGKILL');
	});
});
