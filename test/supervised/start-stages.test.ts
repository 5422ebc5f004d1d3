import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import type { PluginInfo } from '../../src/runtime/orchestrator/administration/administration-service.ts';
import { projectRoot, RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeModule } from '../toolchain/serve/plugin-files.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const folder = scratchFolder('stages');
const env = { ORCHESTRA_CERTS_DIR: join(folder, 'certs'), ORCHESTRA_CACHE_DIR: join(folder, 'cache') };

/** A plugin that fails at the stage of its start that it is told. */
const failing = `#!/usr/bin/env node
import { createPlugin, runIfMain } from ${JSON.stringify(pathToFileURL(join(projectRoot, 'dist/runtime/index.js')).href)};
const { ID, STAGE } = process.env;
if (STAGE === 'exit') {
	console.error('the disk is full');
	process.exit(3);
}
if (STAGE === 'address') console.error('READY nowhere');
if (STAGE === 'ready') {
	const write = process.stderr.write.bind(process.stderr);
	process.stderr.write = (text, ...rest) => {
		write(text, ...rest);
		if (String(text).includes('READY')) process.exit(6);
		return true;
	};
}
const plugin = createPlugin(ID)
	.lifecycle({
		onBoot() {
			if (STAGE === 'boot-kill') process.kill(process.pid, 'SIGKILL');
			if (STAGE === 'boot-throw') throw new Error('no database');
			if (STAGE === 'boot-hang') return new Promise(() => {});
		},
	})
	.build();
if (STAGE === 'silent') setInterval(() => {}, 1000);
else await runIfMain(plugin, import.meta);
`;

test('what fails at a stage of its start says at which, and the others are served', async () => {
	writeFiles(folder, { 'failing.mjs': failing, 'broken.ts': "throw new Error('it breaks');\n" });
	chmodSync(join(folder, 'failing.mjs'), 0o755);
	writeModule(folder, 'good.ts', { id: 'good', tools: ['good'] });
	const stages = ['exit', 'address', 'ready', 'boot-kill', 'boot-throw'];
	const stage = (id: string, more: string) =>
		`  - {id: ${id}, binary: failing.mjs, carrier: tcp, env: {STAGE: ${id}, ID: ${id}}, ${more}}\n`;
	const once = 'restart: never';
	writeFiles(folder, {
		'orchestra.yaml': `
listen: [tcp://127.0.0.1:0]
plugins:
  - {id: good, module: good.ts}
  - {id: broken, module: broken.ts}
  - {id: missing, binary: nowhere}
  - {id: waits, module: good.ts, depends_on: [silent]}
${stages.map((id) => stage(id, once)).join('')}
${stage('silent', `${once}, supervision: {ready: 500ms}`)}
${stage('boot-hang', `${once}, supervision: {boot: 500ms}`)}
  - {id: again, binary: failing.mjs, env: {STAGE: exit}, restart: {budget: 1, back_off: {initial: 10ms, max: 10ms}}}
`,
	});
	const cli = new RunningCli(['serve', '--json'], { env, cwd: folder });
	try {
		const [line] = await cli.until(/^.*"event":"ready".*$/m);
		const [address = ''] = (JSON.parse(line) as { addresses: string[] }).addresses;
		const plugins = async () => {
			const { stdout } = await runCli(['ps', '-a', address, '--json'], { env });
			return (JSON.parse(stdout) as { plugins: PluginInfo[] }).plugins;
		};
		await expect
			.poll(async () => (await plugins()).find(({ id }) => id === 'again')?.reason)
			.toMatch(/^it is given up: 1 restart within 300 s.*ended before it was ready \(exit code 3\)$/);
		const shown = Object.fromEntries((await plugins()).map((info) => [info.id, info]));
		const { good, ...others } = shown;
		expect(good).toMatchObject({ state: 'running' });
		expect(Object.values(others).filter(({ state }) => state !== 'failed')).toEqual([]);
		expect(Object.fromEntries(Object.values(others).map(({ id, reason }) => [id, reason]))).toEqual({
			again: expect.any(String),
			broken: expect.stringContaining('it breaks'),
			missing: expect.stringContaining('there is no such file'),
			waits: expect.stringMatching(/^waits is not started, since it depends on silent: .*was not ready/),
			exit: expect.stringContaining('ended before it was ready (exit code 3)'),
			address: expect.stringContaining('printed a READY line that cannot be used: "nowhere"'),
			ready: expect.stringContaining('ended while it was started (exit code 6)'),
			'boot-kill': expect.stringContaining('ended while it was started (SIGKILL)'),
			'boot-throw': 'plugin boot-throw could not boot: no database',
			silent: expect.stringContaining('was not ready within 500 ms'),
			'boot-hang': 'boot-hang did not boot within 500 ms',
		});
		// The last output of what was given up.
		const { stdout } = await runCli(['logs', 'again', '-a', address], { env });
		expect(stdout).toContain('the disk is full');
		expect((await runCli(['call', address, 'good', '--json'], { env })).code).toBe(0);
	} finally {
		cli.child.kill('SIGTERM');
		expect(await cli.exited).toBe(0);
	}
});

test('a plugin is no server', async () => {
	writeModule(folder, 'good.ts', { id: 'good' });
	writeFiles(folder, { 'failing.mjs': failing });
	chmodSync(join(folder, 'failing.mjs'), 0o755);
	const { spawn } = await import('node:child_process');
	const words = ['--listen-addr=tcp://127.0.0.1:0', `--certs-dir=${env.ORCHESTRA_CERTS_DIR}`];
	const child = spawn(join(folder, 'failing.mjs'), words, { env: { ...process.env, ID: 'lone' } });
	try {
		const address = await new Promise<string>((resolve, reject) => {
			let said = '';
			child.once('exit', () => reject(new Error(said)));
			child.stderr.setEncoding('utf8').on('data', (text: string) => {
				said += text;
				const ready = /READY (\S+)\n/.exec(said);
				if (ready?.[1]) resolve(ready[1]);
			});
		});
		const { code, stderr } = await runCli(['ps', '-a', address, '--json'], { env });
		expect(code).toBe(4);
		expect(JSON.parse(stderr).error).toMatchObject({
			code: 'service_not_found',
			message: `${address} is no orchestra server`,
		});
	} finally {
		child.removeAllListeners('exit');
		child.kill('SIGKILL');
	}
});
