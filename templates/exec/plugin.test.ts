import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExecHarness } from 'orchestra-toolchain/testing';
import plugin from './plugin.ts';

// Fake terminals: no program runs, and what it would put out is said here.

test('runs a shell on a machine, passes on what is typed and how it ends', async () => {
	await using harness = new ExecHarness(plugin);
	const { terminal, output, type } = await harness.mount({ resource: 'shell' });
	assert.deepEqual(terminal.programs, [{ command: ['sh'], cwd: process.cwd() }]);
	await type('ls\n');
	assert.equal(terminal.inputText, 'ls\n');
	await terminal.injectOutput('plugin.ts\r\n');
	await output.waitForText('plugin.ts');
	terminal.exitWith(3);
	await output.waitForSignal('CLOSE');
	assert.deepEqual(output.outputs.at(-1)?.exit, { code: 3, signal: null });
});

test('refuses a machine that is not known, and says which are', async () => {
	await using harness = new ExecHarness(plugin);
	await assert.rejects(harness.mount({ resource: 'shell', resourceKey: 'moon' }), {
		code: 'terminal_error',
		message: /moon is not known here/,
	});
	assert.deepEqual(harness.manager.list('tester'), []);
});

test('answers on its console until the input ends', async () => {
	await using harness = new ExecHarness(plugin);
	const { terminal, output, type } = await harness.mount({ resource: 'console', tty: false });
	await type('hello\n');
	await output.waitForText('HELLO\n');
	terminal.endInput();
	await output.waitForSignal('CLOSE');
});
