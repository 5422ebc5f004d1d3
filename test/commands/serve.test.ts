import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const fixture = (name: string) => `test/commands/fixtures/${name}`;
const anyPorts = ['--listen', 'quic://127.0.0.1:0', '--listen', 'tcp://127.0.0.1:0'];

const scratch = scratchFolder('serve');
const env: Record<string, string> = {
	ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
	ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
};

async function serve(...words: string[]): Promise<{ cli: RunningCli; addresses: string[] }> {
	const cli = new RunningCli(['serve', ...words, '--json'], { env });
	const [line] = await cli.until(/^.*"event":"ready".*$/m);
	return { cli, addresses: JSON.parse(line).addresses };
}

describe('a served set of plugins', () => {
	let cli: RunningCli;
	let addresses: string[] = [];

	beforeAll(async () => {
		({ cli, addresses } = await serve(fixture('kitchen.ts'), fixture('caller.ts'), ...anyPorts));
	});

	afterAll(async () => {
		await cli[Symbol.asyncDispose]();
	});

	test.each([0, 1])('answers calls at address %i', async (index) => {
		const address = addresses[index] ?? '';
		expect(await runCli(['call', address, 'greet', 'name=Ada'], { env })).toMatchObject({
			code: 0,
			stdout: 'hello Ada\n',
		});
		expect(await runCli(['call', address, 'count', 'to=2'], { env })).toMatchObject({
			code: 0,
			stdout: '1\n2\n',
		});
	});

	test("reaches other plugins through a plugin's own callTool", async () => {
		const { stdout } = await runCli(['call', addresses[0] ?? '', 'greet_twice', 'name=Bo', '--json'], {
			env,
		});
		expect(JSON.parse(stdout)).toEqual({ greetings: ['hello Bo', 'hello Bo again'] });
	});

	test.each([0, 1])('is shown by inspect at address %i', async (index) => {
		const { code, stdout } = await runCli(['inspect', addresses[index] ?? '', '--json'], { env });
		expect(code).toBe(0);
		const shown = JSON.parse(stdout);
		expect(shown.plugins.map((plugin: { id: string }) => plugin.id)).toEqual(['test.kitchen', 'test.caller']);
		expect(shown.tools.find((tool: { name: string }) => tool.name === 'count')).toMatchObject({
			streaming: true,
			plugin: 'test.kitchen',
		});
		expect(shown.connection).toMatchObject({
			carrier: index === 0 ? 'quic' : 'tcp',
			peer: 'orchestrator',
			protocol: 'extended',
		});
		expect(shown.connection.fingerprint).toMatch(/^[0-9a-f]{64}$/);
		expect(shown.health.status).toBe('healthy');
		expect(Object.keys(shown.time)).toEqual(['connectMs', 'tlsMs', 'queueMs', 'wireMs', 'handlerMs']);
	});

	test('refuses a caller with a certificate of another CA', async () => {
		const other = { ...env, ORCHESTRA_CERTS_DIR: join(scratch, 'other-certs') };
		expect((await runCli(['certs', 'init'], { env: other })).code).toBe(0);
		for (const address of addresses) {
			const { code, stderr } = await runCli(['call', address, 'greet', 'name=Eve'], { env: other });
			expect(code, stderr).toBe(4);
		}
	});
});

test.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly on %s', async (signal) => {
	const { cli, addresses } = await serve(fixture('kitchen.ts'), ...anyPorts);
	await using _ = cli;
	cli.child.kill(signal);
	expect(await cli.exited).toBe(0);
	expect(cli.stdout).toContain('"event":"stopped"');
	const { code } = await runCli(['call', addresses[1] ?? '', 'greet', 'name=Ada'], { env });
	expect(code).toBe(4);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
	'the first one in a fresh directory stops as cleanly on %s as the tenth',
	async (signal) => {
		const certs = join(mkdtempSync(join(scratch, 'fresh-')), 'certs');
		await using cli = new RunningCli(['serve', fixture('kitchen.ts'), ...anyPorts, '--json'], {
			env: { ...env, ORCHESTRA_CERTS_DIR: certs },
		});
		await cli.until(/"event":"ready"/);
		cli.child.kill(signal);
		expect(await cli.exited).toBe(0);
		expect(cli.stdout).toContain('"event":"stopped"');
	},
);

test('a port that is taken: exit 4, and the address is named', async () => {
	const taken = createServer();
	await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
	const { port } = taken.address() as { port: number };
	try {
		const { code, stderr } = await runCli(
			['serve', fixture('kitchen.ts'), '--listen', `tcp://127.0.0.1:${port}`],
			{ env },
		);
		expect(stderr).toContain(`127.0.0.1:${port}`);
		expect(code).toBe(4);
	} finally {
		taken.close();
	}
});

test('two plugins of one id with --strict: exit 3, and it is named', async () => {
	const { code, stderr } = await runCli(
		['serve', fixture('kitchen.ts'), fixture('kitchen.ts'), '--strict', ...anyPorts],
		{ env },
	);
	expect(stderr).toMatch(/test\.kitchen/);
	expect(code).toBe(3);
});

test('a certificates directory that cannot be used: exit 3, and it is named', async () => {
	const blocked = { ...env, ORCHESTRA_CERTS_DIR: '/dev/null/certs' };
	const { code, stderr } = await runCli(['serve', fixture('kitchen.ts'), ...anyPorts], { env: blocked });
	expect(stderr).toContain('/dev/null/certs');
	expect(code).toBe(3);
});

test('leaves no process behind', () => {
	const listed = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
	const left = listed.stdout.split('\n').filter((line) => line.includes(scratch));
	expect(left).toEqual([]);
});

test('an address without encryption is served, and said to be one', async () => {
	const address = 'tcp+plain://127.0.0.1:0';
	await using cli = new RunningCli(['serve', fixture('kitchen.ts'), '--listen', address], { env });
	await cli.until(/tcp\+plain:\/\/127\.0\.0\.1:0 is neither encrypted nor authenticated/);
});
