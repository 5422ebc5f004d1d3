import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { PipeTerminal } from '../../src/runtime/exec/terminal/pipe-terminal.ts';
import { PtyTerminal } from '../../src/runtime/exec/terminal/pty-terminal.ts';
import type { Terminal } from '../../src/runtime/exec/terminal/terminal.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { waitUntil } from '../support/wait-until.ts';

expectNothingLeftBehind();

const size = { rows: 27, cols: 72 };
const shell = (script: string) => ({ command: ['/bin/sh', '-c', script] });

/** All that a terminal puts out, to its end. */
async function readAll(terminal: Terminal): Promise<string> {
	const pieces: Uint8Array[] = [];
	for (let piece = await terminal.read(); piece; piece = await terminal.read()) pieces.push(piece.data);
	return Buffer.concat(pieces).toString();
}

test.each([
	['three pipes', () => new PipeTerminal(size)],
	['a real one', () => new PtyTerminal(size)],
])(
	'what does not go by itself is killed, its children too: %s',
	async (_name, make) => {
		const terminal = make();
		// The shell and its child hear neither the hang-up nor the request to go.
		const { ended, pid } = await terminal.run(shell('trap "" HUP TERM; sleep 1000 & printf R; wait'));
		expect(await terminal.read()).toMatchObject({ data: Buffer.from('R') });
		terminal.stop();
		expect(await ended).toEqual({ code: null, signal: 'SIGKILL' });
		terminal.close();
		await waitUntil(() => !isGroupAlive(pid));
	},
	60_000,
);

test('who holds the pipes of a program that has ended, and says nothing, does not hold up the end', async () => {
	const terminal = new PipeTerminal(size);
	// A child in a session of its own: no signal to the group of the program reaches it.
	const script = `const { spawn } = require('node:child_process');
		const { pid } = spawn('sleep', ['1000'], { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
		process.stdout.write(String(pid), () => process.exit(3));`;
	const { ended } = await terminal.run({ command: [process.execPath, '-e', script] });
	const pid = Number(await readAll(terminal));
	expect(await ended).toEqual({ code: 3, signal: null });
	process.kill(pid, 'SIGKILL');
	terminal.close();
}, 60_000);

test('a program on a terminal sees nothing of a terminal around its own, and which kind it has', async () => {
	const terminal = new PtyTerminal(size);
	const env = {
		PATH: process.env.PATH,
		TMUX: '/tmp/x',
		TMUX_PANE: '%1',
		COLUMNS: '9',
		TERM: 'dumb',
		KEPT: 'kept',
	};
	await terminal.run({ command: ['env'], env, cwd: tmpdir() });
	const lines = (await readAll(terminal)).split('\r\n');
	terminal.close();
	expect(lines).toEqual(expect.arrayContaining(['KEPT=kept', 'TERM=xterm-256color', `PWD=${tmpdir()}`]));
	expect(lines.filter((line) => /^(TMUX|COLUMNS)/.test(line))).toEqual([]);
});

test.each([
	['no program', { command: ['no-such-program'] }, /there is no program no-such-program/],
	['a file that cannot be run', { command: [import.meta.filename] }, /there is no program/],
	['no folder', { command: ['sh'], cwd: '/no/such/folder' }, /is no folder to run sh in/],
	['no command', { command: [] }, /there is no command/],
])('%s is an error before anything runs', async (_name, program, message) => {
	for (const terminal of [new PipeTerminal(size), new PtyTerminal(size)]) {
		await expect(terminal.run(program)).rejects.toMatchObject({
			code: 'terminal_error',
			message: expect.stringMatching(message),
		});
		expect(terminal.running).toBe(false);
		terminal.close();
	}
});

test('a program whose output nobody takes waits, on pipes and on a terminal; what comes then is all of it', async () => {
	for (const terminal of [new PipeTerminal(size), new PtyTerminal(size)]) {
		const bytes = 3_000_000;
		const { ended } = await terminal.run(shell(`stty raw 2>/dev/null; head -c ${bytes} /dev/zero`));
		let over = false;
		void ended.then(() => {
			over = true;
		});
		// The system takes some of it, and the terminal some: the program cannot have written all.
		await new Promise((resolve) => setTimeout(resolve, 200));
		expect(over).toBe(false);
		expect((await readAll(terminal)).length).toBe(bytes);
		expect(await ended).toEqual({ code: 0, signal: null });
		terminal.close();
	}
}, 60_000);

function isGroupAlive(group: number): boolean {
	try {
		return process.kill(-group, 0);
	} catch {
		return false;
	}
}
