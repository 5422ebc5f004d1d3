import { expect, test } from 'vitest';
import { runProgram } from '../../../src/toolchain/bundle/run-program.ts';

const run = (script: string, timeoutMs = 20_000) => runProgram(process.execPath, ['-e', script], timeoutMs);

test('a program that hangs is killed when its time is up, and that is said', async () => {
	const result = await run("console.log('begun'); setInterval(() => {}, 1000);", 700);
	expect(result).toMatchObject({ ok: false, timedOut: true, exit: 'SIGKILL' });
});

test('how it ended is what it did itself, and of its output the end is kept', async () => {
	const listeners = process.listenerCount('exit');
	const result = await run(
		"process.stdout.write('x'.repeat(2 * 1024 * 1024) + 'the end', () => process.exit(3));",
	);
	expect(result).toMatchObject({ ok: false, timedOut: false, exit: 'exit code 3' });
	expect(result.output).toHaveLength(1024 * 1024);
	expect(result.output.endsWith('the end')).toBe(true);
	expect(await run('')).toEqual({ ok: true, timedOut: false, exit: 'exit code 0', output: '' });
	expect(process.listenerCount('exit')).toBe(listeners);
});

test('one that is killed by somebody else was not out of time', async () => {
	const result = await run("process.kill(process.pid, 'SIGKILL')");
	expect(result).toMatchObject({ ok: false, timedOut: false, exit: 'SIGKILL' });
});
