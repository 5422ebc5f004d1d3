import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn } from '@lydell/node-pty';
import { expect, test } from 'vitest';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const scratch = scratchFolder('session');

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

test('at a terminal it asks for lines, shows what a tool puts out while it runs, says what is wrong and goes on, until close', async () => {
	const words = ['session', 'examples/shell', '--id', 'mine'];
	const terminal = spawn(process.execPath, [join(projectRoot, 'bin/orchestra.js'), ...words], {
		cols: 100,
		rows: 50,
		cwd: projectRoot,
		env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: '1' } as Record<string, string>,
	});
	let text = '';
	terminal.onData((data) => {
		text += data;
	});
	const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
	/** Types a line once it is asked for one, and waits for what comes of it. */
	const say = async (line: string, answer: RegExp) => {
		const before = text.length;
		terminal.write(`${line}\r`);
		await waitUntil(() => answer.test(text.slice(before)));
	};
	try {
		await waitUntil(() => text.includes('session mine') && text.includes('mine> '));
		expect(text).toContain('call TOOL [JSON]');
		await say('nonsense', /usage: "nonsense" is nothing that a session does[\s\S]*mine> /);
		await say('fire before_turn {', /is not JSON[\s\S]*mine> /);
		// The file is there to end the command: the number is put out before. The line that was typed does not have it.
		const go = join(scratch, 'go');
		const command = `echo $((40+2)); while [ ! -e ${go} ]; do sleep 0.1; done`;
		await say(`call bash ${JSON.stringify({ command })}`, /42/);
		expect(text).not.toContain('exit_code');
		writeFileSync(go, '');
		await waitUntil(() => /"exit_code": 0[\s\S]*mine> /.test(text));
		await say('show', /"id": "mine"[\s\S]*mine> /);
		terminal.write('close\r');
		expect(await ended).toBe(0);
	} finally {
		try {
			terminal.kill();
		} catch {
			// It has ended.
		}
	}
});

test('inspect shows the hooks, the factories and the operations of a plugin, without a session', async () => {
	const { code, stdout } = await runCli(['inspect', 'examples/greeter', '--json'], { cwd: projectRoot });
	expect(code).toBe(0);
	expect(JSON.parse(stdout).sessions).toEqual([
		{
			plugin: 'greeter',
			hooks: [],
			operations: [],
			factories: [{ id: 'greeter', builds: 0, slow: 0, slowestMs: 0 }],
		},
	]);
	const shown = await runCli(['inspect', 'examples/greeter'], { cwd: projectRoot });
	expect(shown.stdout).toMatch(/Sessions\n +factories +greeter\n/);
});
