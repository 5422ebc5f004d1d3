import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { PluginProcess } from '../../src/runtime/launching/plugin-process.ts';
import { stopProcess } from '../../src/runtime/launching/stop-process.ts';
import { expectNothingLeftBehind } from '../support/left-behind.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { isGone, misbehave, OutputLog } from './processes.ts';

expectNothingLeftBehind();

const folder = scratchFolder('process');

function file(name: string, content: string | Buffer, mode = 0o755): string {
	const path = join(folder, name);
	writeFileSync(path, content);
	chmodSync(path, mode);
	return path;
}

/** The first bytes of an ELF program for 64-bit ARM or x86, whichever this machine is not. */
function foreignProgram(): Buffer {
	const head = Buffer.alloc(64);
	head.write('\x7fELF\x02\x01\x01', 'latin1');
	head.writeUInt16LE(2, 16);
	head.writeUInt16LE(process.arch === 'arm64' ? 0x3e : 0xb7, 18);
	return head;
}

describe('an executable that cannot be run', () => {
	const start = (command: string, cwd?: string) => PluginProcess.start({ command, args: [], env: {}, cwd });

	it.each([
		['does not exist', './no-such-file', 'there is no such file', 'Check the path'],
		['is not on PATH', 'no-such-program-anywhere', 'there is no such file', 'PATH'],
		['is not executable', file('plain.txt', 'text', 0o644), 'it is not executable', 'chmod +x'],
		['is a folder', folder, 'it is a folder', 'executable in it'],
		[
			'lacks its interpreter',
			file('script', '#!/no/such/interpreter\necho hello\n'),
			'what runs it',
			'/no/such/interpreter',
		],
	])('because it %s is named, with what to do', async (_why, command, message, hint) => {
		await expect(start(command)).rejects.toMatchObject({
			code: 'start_failed',
			message: expect.stringMatching(new RegExp(`^cannot start ${command}: .*${message}`)),
			hint: expect.stringContaining(hint),
		});
	});

	it('because its working folder does not exist is not blamed on the executable', async () => {
		await expect(start(process.execPath, join(folder, 'nowhere'))).rejects.toMatchObject({
			code: 'start_failed',
			message: expect.stringContaining('its working folder'),
		});
	});

	it('because its name is impossible is an error like the others', async () => {
		await expect(start('a\0b')).rejects.toMatchObject({ code: 'start_failed' });
	});
});

describe('a process', () => {
	it('is the leader of a group of its own, with a stdin that is open and not ours', async () => {
		const log = new OutputLog();
		const plugin = await PluginProcess.start(
			{
				command: '/bin/sh',
				args: ['-c', 'ps -o pgid= -p $$; read line; echo "end of stdin"'],
				env: { PATH: process.env.PATH ?? '' },
			},
			{ onOutput: log.listener },
		);
		expect(Number((await log.line(/\d+/))[0])).toBe(plugin.pid);
		expect(plugin.exit).toBeUndefined();
		plugin.closeStdin();
		await log.line(/end of stdin/);
		expect(await plugin.exited).toEqual({ code: 0, signal: null });
		await plugin.gone;
	});

	it('sees only the environment that it was given', async () => {
		const log = new OutputLog();
		const command = misbehave('print-environment');
		const plugin = await PluginProcess.start(
			{ ...command, env: { ONLY: 'this' } },
			{ onOutput: log.listener },
		);
		const environment: unknown = JSON.parse((await log.line(/^\{.*\}$/))[0]);
		expect(environment).toEqual({
			ONLY: 'this',
			ORCHESTRA_LAUNCH: expect.stringMatching(/^\d+\.\d+\.[0-9a-f]{16}\.\d+$/),
		});
		await plugin.gone;
	});

	it('that prints 10 MB is never held up, by a listener that hangs either', async () => {
		let heard = 0;
		const plugin = await PluginProcess.start(misbehave('ready-then-flood'), {
			onOutput: () => {
				heard++;
				return new Promise(() => {});
			},
		});
		expect(await plugin.exited).toEqual({ code: 0, signal: null });
		await plugin.gone;
		expect(heard).toBe(1);
		expect(plugin.droppedLines).toBeGreaterThan(8000);
		expect(plugin.outputTail).toHaveLength(20);
		// Of a long line the begin is kept.
		expect(plugin.outputTail[0]).toBe(`${'z'.repeat(500)}…`);
		expect(plugin.outputTail.at(-1)).toBe('flooded');
	});

	it('that ends takes what it started in its group with it, even if that ignores SIGTERM and holds the pipes', async () => {
		const log = new OutputLog();
		const plugin = await PluginProcess.start(misbehave('grandchild', 'exit'), { onOutput: log.listener });
		const grandchild = Number((await log.line(/grandchild (\d+)/))[1]);
		expect(await plugin.exited).toEqual({ code: 5, signal: null });
		await plugin.gone;
		await expect.poll(() => isGone(grandchild)).toBe(true);
	});

	it.runIf(process.platform === 'linux')('takes along what it started in a session of its own', async () => {
		const log = new OutputLog();
		const plugin = await PluginProcess.start(misbehave('own-session'), { onOutput: log.listener });
		const grandchild = Number((await log.line(/grandchild (\d+)/))[1]);
		const other = await PluginProcess.start(misbehave('silent'));
		await stopProcess(plugin, { termGraceMs: 500 });
		expect(isGone(grandchild)).toBe(true);
		// What another launch started stays.
		expect(other.exit).toBeUndefined();
		await stopProcess(other, { termGraceMs: 500 });
	});

	it.skipIf(process.platform === 'win32')(
		'that has ended is signalled no more: its number may be another’s by then',
		async () => {
			const plugin = await PluginProcess.start(misbehave('exit-early'));
			await plugin.exited;
			await plugin.gone;
			const kill = vi.spyOn(process, 'kill');
			try {
				for (const signal of ['SIGCONT', 'SIGTERM', 'SIGKILL'] as const) plugin.signal(signal);
				expect(kill).not.toHaveBeenCalled();
			} finally {
				kill.mockRestore();
			}
		},
	);

	it('that reads nothing has a bounded amount written to it', async () => {
		const plugin = await PluginProcess.start(misbehave('silent'));
		const piece = 'x'.repeat(256 * 1024);
		let written = 0;
		while (written < 64 * piece.length && plugin.writeInput(piece)) written += piece.length;
		expect(written).toBeLessThanOrEqual(8 * piece.length);
		await stopProcess(plugin, { termGraceMs: 500 });
	});

	it('that is killed by somebody says by which signal', async () => {
		const plugin = await PluginProcess.start(misbehave('silent'));
		process.kill(plugin.pid, 'SIGKILL');
		expect(await plugin.exited).toEqual({ code: null, signal: 'SIGKILL' });
		await plugin.gone;
		expect(isGone(plugin.pid)).toBe(true);
	});
});

describe('a file for another machine', () => {
	it('is named as such', async () => {
		const { explainExecutable } = await import('../../src/runtime/launching/explain-executable.ts');
		expect(await explainExecutable(file('foreign', foreignProgram()))).toContain('It is a program for');
		expect(await explainExecutable(process.execPath)).toBeUndefined();
		expect(await explainExecutable(file('x.exe', `MZ${'\0'.repeat(64)}`))).toBe('It is a Windows program.');
		expect(await explainExecutable(file('empty', ''))).toBeUndefined();
	});
});
