import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { projectRoot, RunningCli, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const executable = join(projectRoot, 'bin/orchestra.js');
const anyPort = ['--listen', 'tcp://127.0.0.1:0'];
const scratch = scratchFolder('stop');
let env: Record<string, string> = {};

beforeAll(async () => {
	env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
	writeFiles(scratch, {
		// Ends when a file is there.
		'slow.mjs': `import { createPlugin } from 'orchestra-toolchain';
			import { existsSync, writeFileSync } from 'node:fs';
			export default createPlugin('slow').registerTool('dig', { description: 'Digs.', input: { type: 'object', properties: { until: { type: 'string' } } } }, async ({ until }) => {
				writeFileSync(until + '.begun', '');
				while (!existsSync(until)) await new Promise((resolve) => setTimeout(resolve, 20));
				return { dug: true };
			}).build();`,
		// One that has booted by then is shut down.
		'broken.mjs': `import { existsSync } from 'node:fs';
			while (!existsSync(${JSON.stringify(join(scratch, 'one.booted'))})) await new Promise((resolve) => setTimeout(resolve, 20));
			throw new Error('it does not load');`,
		'flood.mjs': `import { createPlugin } from 'orchestra-toolchain';
			export default createPlugin('flood').lifecycle({ onBoot(_, ctx) {
				setInterval(() => { for (let i = 0; i < 100; i++) { ctx.log.info('x'.repeat(1000)); console.error('y'.repeat(1000)); } }, 10);
			} }).registerTool('t', { description: 'T.' }, () => ({ ok: true })).build();`,
		...Object.fromEntries(
			['one', 'two', 'three'].map((id) => [
				`${id}.mjs`,
				`import { createPlugin } from 'orchestra-toolchain';
				import { appendFileSync, writeFileSync } from 'node:fs';
				const note = (what) => appendFileSync(${JSON.stringify(join(scratch, 'stops.txt'))}, what);
				export default createPlugin('${id}').lifecycle({ onBoot() {
					writeFileSync(${JSON.stringify(join(scratch, `${id}.booted`))}, '');
				}, async onShutdown() {
					note('('); await new Promise((resolve) => setTimeout(resolve, 700)); note(')');
				} }).registerTool('${id}', { description: 'T.' }, () => 1).build();`,
			]),
		),
	});
	expect((await runCli(['certs', 'init'], { env })).code).toBe(0);
});

async function addressOf(cli: RunningCli): Promise<string> {
	return (await cli.until(/tcp:\/\/127\.0\.0\.1:\d+/))[0];
}

test('a stop names what it waits for, and lets it end', async () => {
	const until = join(scratch, 'dug');
	await using cli = new RunningCli(['serve', join(scratch, 'slow.mjs'), ...anyPort, '--grace', '60s'], {
		env,
	});
	const call = runCli(['call', await addressOf(cli), 'dig', `until=${until}`, '--json'], { env });
	await expect.poll(() => existsSync(`${until}.begun`)).toBe(true);
	cli.child.kill('SIGTERM');
	await cli.until(/SIGTERM: stopping\. A second SIGTERM ends it at once/);
	await cli.until(/waiting up to 60 s for a call under way: dig of slow/);
	// Longer than what a plugin gets to shut down, and answers that are on their way anyhow.
	await new Promise((resolve) => setTimeout(resolve, 7_000));
	writeFileSync(until, '');
	expect(await call).toMatchObject({ code: 0, stdout: '{"dug":true}\n' });
	expect(await cli.exited).toBe(0);
});

test('plugins stop at the same time', async () => {
	const targets = ['one', 'two', 'three'].map((id) => join(scratch, `${id}.mjs`));
	await using cli = new RunningCli(['serve', ...targets, ...anyPort], { env });
	await addressOf(cli);
	cli.child.kill('SIGTERM');
	expect(await cli.exited).toBe(0);
	expect(readFileSync(join(scratch, 'stops.txt'), 'utf8')).toBe('((()))');
});

test('a second Ctrl-C ends it at once, whatever is under way', async () => {
	const until = join(scratch, 'never');
	await using cli = new RunningCli(['serve', join(scratch, 'slow.mjs'), ...anyPort, '--grace', '60s'], {
		env,
	});
	const call = runCli(['call', await addressOf(cli), 'dig', `until=${until}`, '--json'], { env });
	await expect.poll(() => existsSync(`${until}.begun`)).toBe(true);
	const ended = new Promise((resolve) => cli.child.once('exit', (code) => resolve(code)));
	cli.child.kill('SIGINT');
	await cli.until(/waiting up to 60 s for a call under way/);
	cli.child.kill('SIGINT');
	expect(await ended).toBe(130);
	expect((await call).code).toBe(4);
});

test('with --strict what was started is shut down where another cannot be', async () => {
	const stops = join(scratch, 'stops.txt');
	for (const file of [stops, join(scratch, 'one.booted')]) rmSync(file, { force: true });
	const targets = [join(scratch, 'one.mjs'), join(scratch, 'broken.mjs')];
	const { code } = await runCli(['serve', ...targets, '--strict', ...anyPort], { env });
	expect(code).toBe(3);
	expect(readFileSync(stops, 'utf8')).toBe('()');
});

test('a reader of stderr that leaves stops nothing', async () => {
	await using cli = new RunningCli(['serve', join(scratch, 'flood.mjs'), ...anyPort], { env });
	const address = await addressOf(cli);
	cli.child.stderr.destroy();
	for (let i = 0; i < 2; i++) {
		expect(await runCli(['call', address, 't', '--json'], { env })).toMatchObject({
			code: 0,
			stdout: '{"ok":true}\n',
		});
	}
	cli.child.kill('SIGTERM');
	expect(await cli.exited).toBe(0);
});

test.each([[[]], [['--spawn']], [['--spawn', '--carrier', 'quic']]])(
	'a log that nobody reads neither grows nor holds up the stop, with %j',
	async (flags) => {
		const words = [executable, 'serve', join(scratch, 'flood.mjs'), ...anyPort, ...flags];
		const child = spawn(process.execPath, words, {
			cwd: projectRoot,
			env: { ...process.env, ...env, NO_COLOR: '1' },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const ended = new Promise((resolve) => child.on('close', resolve));
		const exited = new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
		try {
			const address = await new Promise<string>((resolve) => {
				let text = '';
				child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
					text += chunk;
					const found = /tcp:\/\/127\.0\.0\.1:\d+/.exec(text);
					if (found) resolve(found[0]);
				});
			});
			// Time for tens of megabytes, and for calls all the same.
			for (let i = 0; i < 3; i++) expect((await runCli(['call', address, 't'], { env })).code).toBe(0);
			if (process.platform === 'linux') {
				const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
				expect(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1])).toBeLessThan(250_000);
			}
			child.kill('SIGTERM');
			expect(await exited).toBe(0);
		} finally {
			child.kill('SIGKILL');
			child.stderr.destroy();
			await ended;
		}
	},
);
