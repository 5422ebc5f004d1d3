import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunningCli } from '../support/run-cli.ts';

let scratch = '';
beforeAll(() => {
	scratch = mkdtempSync(join(tmpdir(), 'orchestra-loaded-'));
	writeFileSync(
		join(scratch, 'note.cjs'),
		`process.on('exit', () => {
			const loaded = Object.keys(require.cache).filter((name) => name.includes('@nats-io'));
			require('node:fs').writeFileSync(process.env.LOADED, JSON.stringify(loaded));
		});`,
	);
	writeFileSync(
		join(scratch, 'plugin.mjs'),
		"import { createPlugin } from 'orchestra-toolchain';\nexport default createPlugin('one').registerTool('one', { description: '' }, () => 1).build();\n",
	);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test.each([
	['without a cluster nothing of NATS is loaded', '', false],
	[
		'with one its client is, and a server that is away is no reason not to serve',
		'cluster: { node: alpha, servers: ["nats://127.0.0.1:9"] }',
		true,
	],
])('%s', { timeout: 120_000 }, async (_name, cluster, loads) => {
	const loaded = join(scratch, `loaded-${loads}.json`);
	writeFileSync(
		join(scratch, 'orchestra.yaml'),
		`listen: [tcp://127.0.0.1:0]\ncerts_dir: certs\n${cluster}\nplugins: [{ id: one, module: plugin.mjs }]\n`,
	);
	await using cli = new RunningCli(['serve', '--json'], {
		cwd: scratch,
		env: {
			ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
			NODE_OPTIONS: `--require ${join(scratch, 'note.cjs')}`,
			LOADED: loaded,
		},
	});
	await cli.until(/"event":"ready"/, 60_000);
	cli.child.kill('SIGTERM');
	await cli.exited;
	expect((JSON.parse(readFileSync(loaded, 'utf8')) as string[]).length > 0).toBe(loads);
});
