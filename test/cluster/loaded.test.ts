import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { RunningCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

const scratch = scratchFolder('loaded');
beforeAll(() => {
	writeFileSync(
		join(scratch, 'hooks.mjs'),
		`import { appendFileSync } from 'node:fs';
		export async function load(url, context, next) {
			if (url.includes('@nats-io')) appendFileSync(process.env.LOADED, url + '\\n');
			return next(url, context);
		}`,
	);
	writeFileSync(
		join(scratch, 'note.mjs'),
		"import { register } from 'node:module';\nregister('./hooks.mjs', import.meta.url);\n",
	);
	writeFileSync(
		join(scratch, 'plugin.mjs'),
		"import { createPlugin } from 'orchestra-toolchain';\nexport default createPlugin('one').registerTool('one', { description: '' }, () => 1).build();\n",
	);
});
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
			NODE_OPTIONS: `--import ${join(scratch, 'note.mjs')}`,
			LOADED: loaded,
		},
	});
	await cli.until(/"event":"ready"/, 60_000);
	cli.child.kill('SIGTERM');
	await cli.exited;
	expect(existsSync(loaded)).toBe(loads);
});
