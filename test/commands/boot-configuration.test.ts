import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const module = 'test/commands/fixtures/configured.ts';
const scratch = scratchFolder('boot');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
const executable = join(scratch, 'configured');
const pidFile = join(scratch, 'pid');

beforeAll(async () => {
	writeFileSync(join(scratch, 'boot.json'), '{"units":"metric","retries":3,"cache":true}');
	writeFileSync(join(scratch, 'token'), 'secret\n');
	const built = await runCli(['build', module, '--no-check', '--out', scratch], { env });
	if (built.code !== 0) throw new Error(built.stderr);
	const program = join(scratch, 'test.configured.mjs');
	writeFileSync(executable, `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
	chmodSync(executable, 0o755);
});

/** Whether the process that the plugin booted in is there. */
function runs(): boolean {
	try {
		process.kill(Number(readFileSync(pidFile, 'utf8')), 0);
		return true;
	} catch {
		return false;
	}
}

describe.each([
	['embedded', [module]],
	['spawned', [module, '--spawn']],
	['spawned over quic', [module, '--spawn', '--carrier', 'quic']],
	['an executable', [executable]],
])('a boot configuration, %s', (_name, [target = '', ...flags]) => {
	test('is made of words and files, and a later one wins', async () => {
		const words = [`@${scratch}/boot.json`, 'units=', 'cache=no', `token=@${scratch}/token`, 'a=b=c'];
		const config = words.flatMap((word) => ['--config', word]);
		const { code, stdout, stderr } = await runCli(['call', target, 'config', '--json', ...flags, ...config], {
			env,
		});
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		expect(JSON.parse(stdout)).toEqual({ units: '', retries: '3', cache: 'no', token: 'secret', a: 'b=c' });
	});

	test.each(['call', 'inspect'])(
		'that the plugin refuses fails %s, names it, and leaves nothing behind',
		async (command) => {
			const words = command === 'call' ? ['config'] : [];
			const config = ['--config', 'units=imperial', '--config', `pid_file=${pidFile}`];
			const { code, stdout, stderr } = await runCli(
				[command, target, ...words, '--json', ...flags, ...config],
				{
					env,
				},
			);
			expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
			const document = stderr.trim().split('\n').at(-1) ?? '';
			expect(JSON.parse(document)).toMatchObject({
				error: {
					code: 'boot_failed',
					message: expect.stringMatching(/test\.configured.*no units are called imperial/),
				},
			});
			await waitUntil(() => !runs());
		},
	);
});

describe.each([
	['embedded', []],
	['spawned', ['--spawn']],
	['spawned over quic', ['--spawn', '--carrier', 'quic']],
])('serve with a boot configuration, %s', (_name, flags) => {
	test('boots the plugin with it', async () => {
		await using cli = new RunningCli(
			['serve', module, '--listen', 'tcp://127.0.0.1:0', '--json', '--config', 'units=metric', ...flags],
			{ env },
		);
		const [line] = await cli.until(/^.*"event":"ready".*$/m);
		const { addresses } = JSON.parse(line) as { addresses: string[] };
		const { stdout } = await runCli(['call', addresses[0] ?? '', 'config', '--json'], { env });
		expect(JSON.parse(stdout)).toEqual({ units: 'metric' });
		const given = await runCli(['call', addresses[0] ?? '', 'config', '--config', 'units=metric'], { env });
		expect(given).toMatchObject({ code: 2, stderr: expect.stringContaining('one that runs already') });
		cli.child.kill('SIGTERM');
		expect(await cli.exited).toBe(0);
	});

	test('that the plugin refuses ends it, and leaves nothing behind', async () => {
		const config = ['--config', 'units=imperial', '--config', `pid_file=${pidFile}`];
		const { code, stderr } = await runCli(
			['serve', module, '--listen', 'tcp://127.0.0.1:0', ...flags, ...config],
			{ env },
		);
		expect(code).toBe(4);
		expect(stderr).toMatch(/test\.configured.*no units are called imperial/);
		await waitUntil(() => !runs());
	});
});

test.each([
	['word', '--config word has no value'],
	['@absent.json', 'cannot read absent.json'],
	['key=@absent', 'cannot read absent'],
	['@package-lock.json', 'is no text, number or boolean'],
	[`@${module}`, 'is not JSON'],
])('--config %s is refused before anything starts', async (word, message) => {
	const { code, stderr } = await runCli(['call', module, 'config', '--config', word, '--json'], { env });
	expect(code).toBe(2);
	expect(JSON.parse(stderr)).toMatchObject({
		error: { code: 'usage', message: expect.stringContaining(message), hint: expect.any(String) },
	});
});
