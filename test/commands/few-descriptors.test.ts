import { spawn, spawnSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const executable = join(projectRoot, 'bin/orchestra.js');
const kitchen = join(projectRoot, 'test/commands/fixtures/kitchen.ts');
const scratch = scratchFolder('few');
let env: Record<string, string> = {};

beforeAll(async () => {
	env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
	expect((await runCli(['certs', 'init'], { env })).code).toBe(0);
});

/** A command for the shell that may open so many files only. */
function limited(files: number, words: readonly string[]): string[] {
	return ['-c', `ulimit -n ${files}; exec "$@"`, 'sh', process.execPath, executable, ...words];
}

describe.runIf(process.platform === 'linux')('a process that may open few files', () => {
	// So few that a file of our own cannot be read, a command not be loaded, the compiler not be started.
	test.each([[20], [28], [32]])('of %i: says so, and how to raise it', (files) => {
		for (const words of [
			['call', kitchen, 'greet', 'name=Ada'],
			['call', kitchen, 'greet', 'name=Ada', '--spawn'],
			['call', kitchen, 'greet', 'name=Ada', '--spawn', '--carrier', 'tcp'],
			['serve', kitchen, '--listen', 'tcp://127.0.0.1:0'],
			['build', 'examples/weather', '--no-check', '--out', join(scratch, 'out')],
		]) {
			const { status, stderr } = spawnSync('/bin/sh', limited(files, words), {
				cwd: projectRoot,
				env: { ...process.env, ...env, NO_COLOR: '1', ORCHESTRA_CACHE_DIR: join(scratch, `cold-${files}`) },
				encoding: 'utf8',
				timeout: 60_000,
			});
			expect(stderr, words.join(' ')).toMatch(
				/^error this process may not open any more files[\s\S]*ulimit -n/,
			);
			expect(stderr).not.toMatch(/\n\s+at /);
			expect(status).toBe(4);
		}
	});

	test('serve outlives more connections than it may have', async () => {
		const child = spawn(
			'/bin/sh',
			limited(160, ['serve', kitchen, '--listen', 'tcp://127.0.0.1:0', '--json']),
			{
				cwd: projectRoot,
				env: { ...process.env, ...env, NO_COLOR: '1' },
				stdio: ['ignore', 'pipe', 'inherit'],
			},
		);
		const ended = new Promise((resolve) => child.on('close', resolve));
		const sockets: Socket[] = [];
		try {
			const address = await new Promise<string>((resolve, reject) => {
				let text = '';
				child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
					text += chunk;
					const found = /tcp:\/\/127\.0\.0\.1:\d+/.exec(text);
					if (found) resolve(found[0]);
				});
				child.on('close', () => reject(new Error(`serve ended: ${text}`)));
			});
			const port = Number(address.split(':').at(-1));
			for (let i = 0; i < 300; i++) sockets.push(connect(port, '127.0.0.1').on('error', () => {}));
			await Promise.all(
				sockets.map(
					(socket) =>
						new Promise<void>((resolve) => {
							socket.once('connect', () => resolve());
							socket.once('close', () => resolve());
						}),
				),
			);
			for (const socket of sockets) socket.resetAndDestroy();
			// The server refuses what it had no room for while it is still at it.
			const call = () => runCli(['call', address, 'greet', 'name=Ada'], { env });
			await expect.poll(call).toMatchObject({ code: 0, stdout: 'hello Ada\n' });
			child.kill('SIGTERM');
			expect(await ended).toBe(0);
		} finally {
			for (const socket of sockets) socket.destroy();
			child.kill('SIGKILL');
			await ended;
		}
	});
});
