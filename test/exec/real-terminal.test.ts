import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { projectRoot, RunningCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { hasProgram, TmuxTerminal } from '../support/tmux.ts';

// Full-screen programs in a terminal as a person has it: tmux holds it, and says what is seen.

const meter = [process.execPath, join(projectRoot, 'test/exec/fixtures/meter.mjs')];

describe.skipIf(!hasProgram('tmux'))('in a real terminal', () => {
	const folder = scratchFolder('terminal');
	const env = {
		ORCHESTRA_CERTS_DIR: join(folder, 'certs'),
		ORCHESTRA_CACHE_DIR: join(folder, 'cache'),
		TERMINAL_ROOT: folder,
	};
	let address = '';
	let server: RunningCli;

	const serve = async () => {
		const running = new RunningCli(
			['serve', 'examples/terminal', '--listen', 'tcp://127.0.0.1:0', '--json'],
			{
				env,
			},
		);
		const [line] = await running.until(/^.*"event":"ready".*$/m);
		address = (JSON.parse(line) as { addresses: string[] }).addresses[0] ?? '';
		return running;
	};
	const open = (columns: number, rows: number) => {
		const terminal = new TmuxTerminal({ columns, rows, env });
		onTestFinished(() => terminal[Symbol.dispose]());
		return terminal;
	};
	beforeAll(async () => {
		server = await serve();
	});
	beforeEach(async () => {
		if (server.child.exitCode !== null || server.child.killed) server = await serve();
	});
	afterAll(async () => {
		await server?.[Symbol.asyncDispose]();
	});

	test.skipIf(!hasProgram('vim'))(
		'vim is used, resized, left and come back to at another size, and its file is written',
		async () => {
			const terminal = open(80, 24);
			terminal.orchestra('exec', address, 'shell', '--id', 'edit', '--', 'vim', '-u', 'NONE', 'note.txt');
			await terminal.until(/"note.txt" \[New/);
			terminal.keys('i');
			terminal.keys('-l', 'zwölf Äpfel');
			await terminal.until(/zwölf Äpfel/);
			terminal.resize(40, 10);
			await terminal.until(/^zwölf Äpfel\n(~\n){8}\n$/);
			terminal.keys('C-]');
			await terminal.until(/left session edit[\s\S]*code-0\./);
			await terminal.untilRestored();
			terminal.resize(120, 30);
			terminal.orchestra('exec', 'attach', address, 'edit');
			await terminal.until(/^zwölf Äpfel\n(~\n){28}\n$/);
			terminal.keys('Escape');
			terminal.line(':wq');
			await terminal.until(/code-0\./);
			await terminal.untilRestored();
			expect(readFileSync(join(folder, 'note.txt'), 'utf8')).toBe('zwölf Äpfel\n');
		},
		180_000,
	);

	test.skipIf(!hasProgram('top'))(
		'top in a plugin of this process is resized and left, and the screen is given back',
		async () => {
			const terminal = open(100, 30);
			terminal.orchestra('exec', 'examples/terminal', '--', 'top');
			await terminal.until(/load average/);
			terminal.resize(60, 20);
			await terminal.until(/load average/);
			terminal.keys('C-]');
			await terminal.until(/left session [\s\S]*code-0\./);
			await terminal.untilRestored();
		},
		180_000,
	);

	test('a program like htop is seen by two at once, and its mouse and screen are taken back from who leaves', async () => {
		const [one, two] = [open(80, 24), open(50, 12)];
		one.orchestra('exec', address, 'shell', '--id', 'meter', '--', ...meter);
		await one.until(/meter 80x24/);
		one.keys('a');
		await one.until(/keys=a /);
		two.orchestra('exec', 'attach', address, 'meter', '--read-only');
		await two.until(/keys=a|cpu/);
		// Who only watches neither types nor resizes.
		two.keys('z');
		one.keys('b');
		await one.until(/meter 80x24 keys=ab /);
		two.keys('C-]');
		await two.until(/code-0\./);
		await two.untilRestored();
		one.keys('C-]');
		await one.until(/code-0\./);
		await one.untilRestored();
		two.orchestra('exec', 'attach', address, 'meter');
		await two.until(/meter 50x12 keys=ab /);
		two.resize(160, 50);
		await two.until(/meter 160x50/);
		two.keys('q');
		await two.until(/code-6\./);
		await two.untilRestored();
	});

	test('the terminal is given back when the server is killed, and when it hangs while somebody leaves', async () => {
		const [killed, hung] = [open(80, 24), open(80, 24)];
		killed.orchestra('exec', address, 'shell', '--', ...meter);
		hung.orchestra('exec', address, 'shell', '--', ...meter);
		await killed.until(/meter 80x24/);
		await hung.until(/meter 80x24/);
		server.child.kill('SIGSTOP');
		hung.keys('C-]');
		await hung.until(/code-0\./);
		await hung.untilRestored();
		server.child.kill('SIGKILL');
		await killed.until(/code-[1-9]/);
		await killed.untilRestored();
	});
});
