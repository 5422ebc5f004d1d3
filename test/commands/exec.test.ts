import { spawnSync } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { runInTerminal } from '../support/run-in-terminal.ts';

const hasTmux = spawnSync('tmux', ['-V']).status === 0;

test('without a terminal bytes and exit codes pass through', async () => {
	const result = await runCli(
		['exec', 'examples/terminal', '-T', '--', 'sh', '-c', 'cat; echo err >&2; exit 3'],
		{ input: 'a\r\nb' },
	);
	expect(result).toMatchObject({ code: 3, stdout: 'a\r\nb' });
	expect(result.stderr).toContain('err\n');
});

test('on a terminal the program has one of the same size, and its exit code is passed on', async () => {
	const { code, text } = await runInTerminal(
		['exec', 'examples/terminal', '--', 'sh', '-c', 'stty size; exit 7'],
		91,
	);
	expect(text).toContain('50 91');
	expect(code).toBe(7);
});

test.skipIf(!hasTmux)(
	'in a real terminal a full-screen program is resized, left and come back to, and the screen is given back',
	async () => {
		const socket = `orchestra-exec-${process.pid}`;
		const tmux = (...words: string[]) =>
			spawnSync('tmux', ['-L', socket, ...words], { encoding: 'utf8', cwd: projectRoot }).stdout;
		onTestFinished(() => void tmux('kill-server'));
		const screen = () => tmux('capture-pane', '-p');
		const shows = async (pattern: RegExp) => {
			const deadline = Date.now() + 20_000;
			while (!pattern.test(screen())) {
				if (Date.now() > deadline) throw new Error(`never showed ${pattern}:\n${screen()}`);
				await new Promise((resolve) => setTimeout(resolve, 50));
			}
		};
		const top = `${process.execPath} bin/orchestra.js exec examples/terminal -- top`;
		tmux('-f', '/dev/null', 'new-session', '-d', '-x', '100', '-y', '30', 'sh');
		tmux('send-keys', `${top}; echo left-$?; stty -a | grep -ow icanon`, 'Enter');
		await shows(/load average/);
		tmux('resize-window', '-x', '60', '-y', '20');
		await shows(/load average/);
		tmux('send-keys', 'C-]');
		await shows(/left-0\s+icanon/);
	},
	60_000,
);
