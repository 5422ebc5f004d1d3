import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensureIdentity } from '../../src/runtime/identity/upkeep/ensure-identity.ts';
import { RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeModule } from '../toolchain/serve/plugin-files.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const scratch = scratchFolder('administration');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

interface Ready {
	addresses: string[];
}

async function serve(
	yaml: string,
	runtime: 'node' | 'deno' = 'node',
	files: Record<string, string> = {},
	words: readonly string[] = [],
): Promise<{ cli: RunningCli; folder: string; on: (...words: string[]) => ReturnType<typeof runCli> }> {
	const folder = mkdtempSync(join(scratch, 'set-'));
	for (const id of ['one', 'two', 'three']) {
		writeModule(folder, `${id}.ts`, {
			id,
			tools: [id],
			more: `.registerTool('${id}.slow', { description: '' }, (_args, ctx) => new Promise((_resolve, reject) => {
				ctx.log.info('slow begins');
				ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason));
			}))`,
		});
	}
	writeFiles(folder, { ...files, 'orchestra.yaml': yaml });
	const cli = new RunningCli(['serve', '--json', ...words], { env, cwd: folder, runtime });
	const [line] = await cli.until(/^.*"event":"ready".*$/m);
	const { addresses } = JSON.parse(line) as Ready;
	const on = (...words: string[]) =>
		runCli([...words, '--address', addresses[0] ?? '', '--json'], { env, runtime });
	return { cli, folder, on };
}

const set = (...plugins: string[]) =>
	`listen: [tcp://127.0.0.1:0]\nplugins:\n${plugins.map((plugin) => `  - {${plugin}}\n`).join('')}`;

async function end(cli: RunningCli): Promise<void> {
	cli.child.kill('SIGTERM');
	expect(await cli.exited).toBe(0);
}

describe.each(['node', 'deno'] as const)('a running server on %s', (runtime) => {
	test('is shown, and its plugins are stopped, started and restarted', async () => {
		const { cli, on } = await serve(
			set('id: one, module: one.ts', 'id: two, module: two.ts, spawn: true, carrier: quic'),
			runtime,
		);
		try {
			const before = JSON.parse((await on('ps')).stdout);
			expect(before.plugins.map(({ id, state }: { id: string; state: string }) => [id, state])).toEqual([
				['one', 'running'],
				['two', 'running'],
			]);
			expect(before.listeners[0]).toMatchObject({ connections: 1 });
			expect(JSON.parse((await on('stop', 'one')).stdout)).toMatchObject({ id: 'one', state: 'stopped' });
			const address = before.listeners[0].address;
			const refused = await runCli(['call', address, 'one', '--json'], { env, runtime });
			expect(refused.code).toBe(4);
			expect(JSON.parse(refused.stderr).error).toMatchObject({
				message: 'plugin one is stopped',
				hint: expect.stringContaining('orchestra start one'),
			});
			expect(JSON.parse((await on('start', 'one')).stdout)).toMatchObject({ state: 'running', starts: 2 });
			const restarted = JSON.parse((await on('restart', 'two')).stdout);
			expect(restarted).toMatchObject({ state: 'running', starts: 2 });
			expect(restarted.pid).not.toBe(before.plugins[1].pid);
			// A crash is mended without anybody.
			process.kill(restarted.pid, 'SIGKILL');
			await cli.until(/"id":"two","state":"crashed"[\s\S]*"id":"two","state":"running"/);
			const missing = await on('restart', 'nobody');
			expect(missing.code).toBe(2);
			expect(JSON.parse(missing.stderr).error).toMatchObject({
				code: 'plugin_not_found',
				hint: 'There are: one, two.',
			});
			await end(cli);
		} finally {
			cli.child.kill('SIGKILL');
		}
	});
});

test('logs are shown and followed', async () => {
	const { cli, on } = await serve(set('id: one, module: one.ts', 'id: two, module: two.ts, spawn: true'));
	try {
		const { listeners } = JSON.parse((await on('ps')).stdout);
		const [{ address }] = listeners;
		const follow = new RunningCli(['logs', 'one', '-f', '--address', address, '--json'], { env });
		const call = runCli(['call', address, 'one.slow', '--timeout', '5s'], { env });
		await follow.until(/"text":"slow begins"/);
		expect((await call).code).toBe(6);
		follow.child.kill('SIGINT');
		await follow.exited;
		const lines = (await on('logs', 'one', '-n', '5')).stdout.trim().split('\n');
		expect(lines.map((line) => JSON.parse(line))).toContainEqual({
			time: expect.stringMatching(/^\d{4}-/),
			level: 'info',
			text: 'slow begins',
		});
		await end(cli);
	} finally {
		cli.child.kill('SIGKILL');
	}
});

test('a reload touches what has changed, and a broken file changes nothing', async () => {
	const { cli, folder, on } = await serve(set('id: one, module: one.ts', 'id: two, module: two.ts'));
	const write = (text: string) => writeFileSync(join(folder, 'orchestra.yaml'), text);
	try {
		const { listeners } = JSON.parse((await on('ps')).stdout);
		const [{ address }] = listeners;
		// A call of a plugin that stays is not lost.
		const call = new RunningCli(['call', address, 'one.slow', '--timeout', '10m'], { env });
		await expect.poll(async () => (await on('logs', 'one')).stdout).toContain('slow begins');
		write(set('id: one, module: one.ts', 'id: three, module: three.ts'));
		await cli.until(/"event":"reloaded"/);
		const after = JSON.parse((await on('ps')).stdout);
		expect(after.plugins.map(({ id, starts }: { id: string; starts: number }) => [id, starts])).toEqual([
			['one', 1],
			['three', 1],
		]);
		expect((await runCli(['call', address, 'three', '--json'], { env })).code).toBe(0);
		expect(call.child.exitCode).toBeNull();
		call.child.kill('SIGINT');
		await call.exited;

		write('plugins: [{id: one, modul: one.ts}]');
		const [told] = await cli.until(/^.*"event":"reload_failed".*$/m);
		expect(JSON.parse(told).error).toMatchObject({ code: 'invalid_configuration' });
		const broken = await on('reload');
		expect(broken.code).toBe(3);
		expect(JSON.parse(broken.stderr).error).toMatchObject({ code: 'invalid_configuration' });
		expect(JSON.parse((await on('ps')).stdout).plugins).toHaveLength(2);
		await end(cli);
	} finally {
		cli.child.kill('SIGKILL');
	}
});

test.each(['node', 'deno'] as const)(
	'SIGHUP reloads on %s: a secret of one plugin has changed',
	async (runtime) => {
		const { cli, folder, on } = await serve(
			set(`id: one, module: one.ts, config: {key: "\${file:key}"}`, 'id: two, module: two.ts'),
			runtime,
			{ key: 'first' },
		);
		try {
			writeFileSync(join(folder, 'key'), 'second');
			cli.child.kill('SIGHUP');
			const [line] = await cli.until(/^.*"event":"reloaded".*$/m);
			expect(JSON.parse(line)).toMatchObject({ added: [], removed: [], changed: ['one'], failed: [] });
			const { plugins } = JSON.parse((await on('ps')).stdout);
			expect(plugins.map(({ id, state }: { id: string; state: string }) => [id, state])).toEqual([
				['two', 'running'],
				['one', 'running'],
			]);
			expect(cli.stdout + cli.stderr).not.toMatch(/first|second/);
			await end(cli);
		} finally {
			cli.child.kill('SIGKILL');
		}
	},
	180_000,
);

test('only operators administer, and only a server is administered', async () => {
	const { cli, on } = await serve(
		`${set('id: one, module: one.ts')}access:\n  operators: ["ops-*"]\n`,
		'node',
		{},
		['--log-format', 'json'],
	);
	try {
		const { code, stderr } = await on('ps');
		expect(code).toBe(4);
		expect(JSON.parse(stderr).error).toMatchObject({
			code: 'permission_denied',
			message: 'cli is no operator',
			details: { caller: 'cli', rule: 'operators' },
		});
		await cli.until(/"level":"warn".*cli is no operator/);
		await end(cli);
	} finally {
		cli.child.kill('SIGKILL');
	}
	await ensureIdentity(env.ORCHESTRA_CERTS_DIR, 'cli');
	const nobody = await runCli(['ps', '--address', 'tcp://127.0.0.1:1', '--json'], { env });
	expect(nobody.code).toBe(4);
	expect(JSON.parse(nobody.stderr).error.code).toBe('unreachable');
});

test('a refusal names its rule and is in the log: by a rule, exit 4, and by the manifest of the plugin that calls', async () => {
	const { cli, on } = await serve(
		`${set('id: one, module: one.ts', 'id: two, module: two.ts', 'id: curious, module: curious.ts')}access:
  rules:
    - {name: agents, certificates: [cli], tools: [one, curious], administer: true}
`,
		'node',
		{
			'curious.ts': `import { createPlugin } from 'orchestra-toolchain';
export default createPlugin('curious')
	.registerTool('curious', { description: '' }, (_args, ctx) => ctx.callTool('one'))
	.build();
`,
		},
		['--log-format', 'json'],
	);
	try {
		const { address } = JSON.parse((await on('ps')).stdout).listeners[0];
		const call = (tool: string) => runCli(['call', address, tool, '--json'], { env });
		expect((await call('one')).code).toBe(0);
		const byRule = await call('two');
		expect(byRule.code).toBe(4);
		expect(JSON.parse(byRule.stderr).error).toMatchObject({
			code: 'permission_denied',
			details: { caller: 'cli', rule: 'agents', kind: 'tools', name: 'two' },
		});
		await cli.until(/"level":"warn".*cli may not call the tool two: the rule agents does not allow it/);
		const byManifest = await call('curious');
		// The refusal is the plugin's own: its caller hears what its handler made of it.
		expect(byManifest.code).toBe(5);
		expect(JSON.parse(byManifest.stderr).error).toMatchObject({
			code: 'handler_error',
			message: 'curious may not call the tool one: its manifest does not say that it needs it (needs_tools)',
		});
		await cli.until(/"level":"warn".*curious may not call the tool one: its manifest does not say/);
		await end(cli);
	} finally {
		cli.child.kill('SIGKILL');
	}
}, 60_000);

test("what a handler threw in a process of its own is logged with the author's places, line by line", async () => {
	const { cli, on } = await serve(set('id: bomb, module: bomb.ts, spawn: true'), 'node', {
		'bomb.ts': `import { createPlugin } from 'orchestra-toolchain';
export default createPlugin('bomb')
	.registerTool('go', { description: '' }, () => {
		throw new Error('exploded');
	})
	.build();
`,
	});
	try {
		const { address } = JSON.parse((await on('ps')).stdout).listeners[0];
		expect((await runCli(['call', address, 'go'], { env })).code).toBe(5);
		const { stdout } = await runCli(['logs', 'bomb', '-a', address], { env });
		expect(stdout).toMatch(/tool go of plugin bomb failed: Error: exploded\n\s+at .*bomb\.ts:4:\d+/);
		expect(stdout).not.toMatch(/\.mjs|dist|node:/);
	} finally {
		await end(cli);
	}
});
