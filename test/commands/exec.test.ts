import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isGone } from '../launching/processes.ts';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { runInTerminal } from '../support/run-in-terminal.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const folders = scratchFolder('exec');

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

test('a bundle has terminals where there is no node_modules', async () => {
	const folder = mkdtempSync(join(folders, 'case-'));
	const built = await runCli(['build', 'examples/terminal', '--out', folder, '--no-check', '--no-quic']);
	expect(built).toMatchObject({ code: 0 });
	expect(readdirSync(folder).sort()).toEqual(['manifest.json', 'orchestra-pty.node', 'terminal.mjs']);
	for (const carrier of ['fd', 'quic']) {
		const flags = ['--spawn', '--carrier', carrier];
		const words = ['exec', ...flags, join(folder, 'terminal.mjs'), '--', 'sh', '-c', 'tty; exit 8'];
		const { code, text } = await runInTerminal(words, 80, { ORCHESTRA_CERTS_DIR: join(folder, 'certs') });
		expect(text).toMatch(/\/dev\/(pts\/|tty)/);
		expect(code).toBe(8);
	}
});

/** A program that has something to say at its end. */
const lastWords = `trap 'echo bye; exit 9' HUP TERM INT; echo ready; while :; do sleep 0.05; done`;

test('a plugin in the process of the command is told to stop, and what it says then is shown', async () => {
	await using command = new RunningCli(['exec', 'examples/terminal', '-T', '--', 'sh', '-c', lastWords]);
	await command.until(/ready/);
	command.child.kill('SIGTERM');
	await command.exited;
	expect(command.stdout).toBe('ready\nbye\n');
});

test('a server that stops ends its sessions, whose last words come; its info file says where it runs, while it does', async () => {
	const folder = mkdtempSync(join(folders, 'case-'));
	const env = { ORCHESTRA_CERTS_DIR: join(folder, 'certs') };
	const file = join(folder, 'info.json');
	const serve = ['serve', 'examples/terminal', '--listen', 'tcp://127.0.0.1:0', '--info-file', file];
	await using server = new RunningCli(serve, { env });
	await server.until(/serving/);
	const info = JSON.parse(readFileSync(file, 'utf8'));
	expect(info).toMatchObject({ pid: server.child.pid, plugins: [{ id: 'terminal', state: 'running' }] });
	await using command = new RunningCli(['exec', info.addresses[0], '-T', '--', 'sh', '-c', lastWords], {
		env,
	});
	await command.until(/ready/);
	const pids = spawnSync('pgrep', ['-P', `${server.child.pid}`], { encoding: 'utf8' }).stdout;
	server.child.kill('SIGTERM');
	expect(await command.exited).toBe(9);
	expect(command.stdout).toBe('ready\nbye\n');
	await server.exited;
	await expect.poll(() => pids.split('\n').filter((pid) => pid && !isGone(Number(pid)))).toEqual([]);
	expect(readdirSync(folder)).toEqual(['certs']);
});

test('wrong words are refused by their codes', async () => {
	const exec = (...words: string[]) => runCli(['exec', 'examples/terminal', ...words]);
	const [noProgram, noResource, noId] = await Promise.all([
		exec('-T', '--', 'no-such-program'),
		exec('nothing', '-T'),
		exec('-T', '--id', 'a/b', '--', 'true'),
	]);
	expect(noProgram?.stderr).toContain('there is no program no-such-program to run');
	expect(noResource?.stderr).toContain('There are terminal/shell.');
	expect(noId?.stderr).toContain('1 to 64 letters');
	for (const { code } of [noProgram, noResource, noId]) expect(code).toBeGreaterThan(0);
});
