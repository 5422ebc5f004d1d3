import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeExecutable, writeModule } from '../toolchain/serve/plugin-files.ts';

const folder = scratchFolder('environment');
const env = {
	ORCHESTRA_CERTS_DIR: join(folder, 'certs'),
	ORCHESTRA_CACHE_DIR: join(folder, 'cache'),
	TEST_TOKEN: 's3cret',
	TEST_OTHER: 'other',
	HTTPS_PROXY: 'http://proxy:3128',
	HTTP_PROXY: 'http://me:s3cret@proxy:3128',
};
writeModule(folder, 'module.ts', { id: 'module' });
writeExecutable(folder, 'executable', { id: 'executable' });

async function seen(words: readonly string[]): Promise<Record<string, string>> {
	const { stdout, stderr } = await runCli([...words, '--json'], { env });
	expect(stderr).toBe('');
	return (JSON.parse(stdout) as { env: Record<string, string> }).env;
}

test('a process sees the harmless part of the environment, and what is named, or all', async () => {
	const spawn = ['call', join(folder, 'module.ts'), 'module.about', '--spawn'];
	const [spawned, overQuic, executable, all] = await Promise.all([
		seen(spawn),
		seen([...spawn, '--carrier', 'quic']),
		seen(['call', join(folder, 'executable'), 'executable.about', '--carrier', 'tcp', '--env', 'TEST_TOKEN']),
		seen(['call', join(folder, 'executable'), 'executable.about', '--carrier', 'tcp', '--inherit-env']),
	]);
	expect(spawned).toMatchObject({ PATH: process.env.PATH, HTTPS_PROXY: env.HTTPS_PROXY });
	// ORCHESTRA_CARRIER and ORCHESTRA_LAUNCH are those of its own launch.
	const names = (seen: object) => Object.keys(seen).filter((name) => name !== 'ORCHESTRA_CARRIER');
	expect(names(overQuic)).toEqual(names(spawned));
	for (const name of ['TEST_TOKEN', 'TEST_OTHER', 'HTTP_PROXY', 'ORCHESTRA_CERTS_DIR']) {
		expect(spawned).not.toHaveProperty(name);
	}
	expect(executable).toMatchObject({ TEST_TOKEN: 's3cret' });
	expect(executable).not.toHaveProperty('TEST_OTHER');
	expect(all).toMatchObject({ TEST_TOKEN: 's3cret', TEST_OTHER: 'other', HTTP_PROXY: env.HTTP_PROXY });
});

test('the same for what is served', async () => {
	const words = ['serve', join(folder, 'executable'), '--listen', 'tcp://127.0.0.1:0', '--env', 'TEST_OTHER'];
	const cli = new RunningCli([...words, '--json'], { env });
	try {
		const [line] = await cli.until(/^.*"event":"ready".*$/m);
		const [address] = (JSON.parse(line) as { addresses: [string] }).addresses;
		const shown = await seen(['call', address, 'executable.about']);
		expect(shown).toMatchObject({ TEST_OTHER: 'other' });
		expect(shown).not.toHaveProperty('TEST_TOKEN');
		const refused = await runCli(['call', address, 'executable.about', '--env', 'X', '--json'], { env });
		expect(refused.code).toBe(2);
		expect(JSON.parse(refused.stderr).error).toMatchObject({ code: 'usage' });
	} finally {
		cli.child.kill('SIGTERM');
		await cli.exited;
	}
});

test('a value does not belong among the arguments', async () => {
	const words = ['call', join(folder, 'module.ts'), 'module.about', '--env', 'TOKEN=s3cret', '--json'];
	const { code, stderr } = await runCli(words, { env });
	expect(code).toBe(2);
	expect(stderr).not.toContain('s3cret');
	expect(JSON.parse(stderr).error).toMatchObject({
		code: 'usage',
		message: '--env takes the name of a variable, and TOKEN has a value',
	});
});
