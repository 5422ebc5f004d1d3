import { expect, test } from 'vitest';
import { projectRoot, runCli } from '../support/run-cli.ts';

test('a script opens a session, fires a hook, asks, and closes; --json gives a line for each', async () => {
	const script =
		'fire before_turn {"prompt":"hi"}\n# a remark\n\noperate turns\nconfirm\nclose\noperate turns\n';
	const args = ['session', 'examples/greeter', '--id', 'mine', '--json'];
	const { code, stdout, stderr } = await runCli(args, { cwd: projectRoot, input: script });
	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	const answers = stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	expect(answers).toEqual([
		expect.objectContaining({
			messages: [{ plugin: 'greeter', role: 'system', content: 'Good morning.' }],
		}),
		{ result: 1 },
		{ actions: [] },
	]);
});

test('a line that means nothing ends a script with exit 2, and what a tool puts out goes to stderr', async () => {
	const script = 'call bash {"command":"echo out"}\nnonsense\n';
	const { code, stdout, stderr } = await runCli(['session', 'examples/shell'], {
		cwd: projectRoot,
		input: script,
	});
	expect(code).toBe(2);
	expect(JSON.parse(stdout)).toMatchObject({ text: 'out\n', exit_code: 0 });
	expect(stderr).toContain('out\nerror "nonsense" is nothing that a session does\n');
});
