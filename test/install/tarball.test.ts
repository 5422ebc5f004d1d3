import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';

/** Bytes on a disk of an installation with all that it brings along. */
const mostBytes = 60e6;

const scratch = scratchFolder('tarball');
let env: NodeJS.ProcessEnv = {};
let missing = '';

beforeAll(() => {
	const inherited = Object.entries(process.env).filter(
		([name]) => !/^(npm_(?!config_(registry|cache|userconfig))|NODE_PATH|INIT_CWD)/i.test(name),
	);
	env = {
		...Object.fromEntries(inherited),
		NO_COLOR: '1',
		CI: '1',
		HOME: join(scratch, 'home'),
		...(process.env.HOME
			? { npm_config_cache: process.env.npm_config_cache ?? join(process.env.HOME, '.npm') }
			: {}),
		ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
	};
	for (const name of ['home', 'global', 'work']) mkdirSync(join(scratch, name));
	const packed = run('npm', ['pack', '--ignore-scripts', '--pack-destination', scratch], projectRoot);
	expect(packed, packed.stderr).toMatchObject({ code: 0 });
	const installed = run(
		'npm',
		[...install, '--prefix', join(scratch, 'global'), '--global', tarball()],
		scratch,
	);
	if (installed.code !== 0 && noRegistry.test(installed.stderr))
		missing = 'no package registry can be reached';
	else expect(installed, installed.stderr).toMatchObject({ code: 0 });
	env.PATH = `${join(scratch, 'global/bin')}:${env.PATH}`;
});

const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
const noRegistry = /ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ENOTCACHED|ETIMEDOUT|ENETUNREACH|E50\d|E40[134]/;

function tarball(): string {
	return join(scratch, readdirSync(scratch).find((name) => name.endsWith('.tgz')) ?? '');
}

function run(command: string, args: readonly string[], cwd: string) {
	const { status, stdout, stderr } = spawnSync(command, args, {
		cwd,
		env,
		encoding: 'utf8',
		timeout: 250_000,
	});
	return { code: status, stdout, stderr };
}

const orchestra = (cwd: string, ...words: string[]) => run('orchestra', words, cwd);

function bytesBelow(folder: string): number {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.map((entry) => statSync(join(entry.parentPath, entry.name)))
		.reduce((sum, { size, blocks }) => sum + (blocks === undefined ? size : blocks * 512), 0);
}

describe('installed from its own tarball', () => {
	test('it is not heavy', ({ skip }) => {
		if (missing) skip(missing);
		expect(bytesBelow(join(scratch, 'global'))).toBeLessThan(mostBytes);
	});

	test('the commands of the README work anywhere', ({ skip }) => {
		if (missing) skip(missing);
		const work = join(scratch, 'work');
		cpSync(join(projectRoot, 'examples'), join(work, 'examples'), { recursive: true });
		expect(orchestra(work, '--version').stdout).toMatch(/^orchestra \d/);
		expect(orchestra(work, '--help').code).toBe(0);
		writeFileSync(
			join(work, 'plugin.js'),
			"import { createPlugin } from 'orchestra-toolchain';\nexport default createPlugin('p').registerTool('t', { description: 'T.', input: { type: 'object', properties: { n: { type: 'integer' } } } }, ({ n }) => ({ n })).build();\n",
		);
		writeFileSync(join(work, 'package.json'), '{ "type": "module" }');
		for (const flags of [[], ['--spawn'], ['--spawn', '--carrier', 'tcp']]) {
			const called = orchestra(work, 'call', '.', 't', 'n=3', '--json', ...flags);
			expect(called).toEqual({ code: 0, stdout: '{"n":3}\n', stderr: '' });
		}
		expect(orchestra(work, 'inspect', '.', '--json').code).toBe(0);
		expect(orchestra(work, 'certs', 'status')).toMatchObject({ code: 0 });
		expect(orchestra(work, 'build', '.', '--out', 'out')).toMatchObject({ code: 0 });
	});

	test('the examples are shown, filled in, stored to and served, and the server is administered', {
		timeout: 600_000,
	}, async ({ skip }) => {
		if (missing) skip(missing);
		const work = join(scratch, 'served');
		cpSync(join(projectRoot, 'examples'), join(work, 'examples'), { recursive: true });
		mkdirSync(join(work, 'node_modules'));
		symlinkSync(join(projectRoot, 'node_modules/zod'), join(work, 'node_modules/zod'));
		const worked = (...words: string[]) => {
			const { code, stdout, stderr } = orchestra(work, ...words);
			expect(code, `${words.join(' ')}\n${stdout}${stderr}`).toBe(0);
			return stdout;
		};
		worked('call', 'examples/weather', 'forecast', 'city=Oslo');
		worked('prompt', 'examples/release-notes');
		worked('storage', 'examples/notes', 'write', 'a.md', 'text', '--type', 'notes');
		worked('install', 'examples/weather', '--yes');
		expect(worked('call', 'weather', 'forecast', 'city=Oslo', '--json')).toContain('Oslo');
		const targets = ['examples/weather', 'examples/notes', 'examples/release-notes'];
		const listen = ['--listen', 'quic://127.0.0.1:0', '--listen', 'tcp://127.0.0.1:0', '--json'];
		const server = spawn('orchestra', ['serve', ...targets, ...listen], {
			cwd: work,
			env,
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		const ended = new Promise((resolve) => server.on('close', resolve));
		try {
			const ready = await new Promise<string>((resolve, reject) => {
				let text = '';
				server.stdout.setEncoding('utf8').on('data', (chunk: string) => {
					text += chunk;
					if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
				});
				server.on('close', () => reject(new Error(`serve ended: ${text}`)));
			});
			for (const address of (JSON.parse(ready) as { addresses: string[] }).addresses) {
				const call = worked('call', address, 'forecast', 'city=Oslo', 'days=2', '--json');
				expect(call).toContain('Oslo');
				expect(worked('ps', '-a', address)).toContain('weather');
				expect(worked('tools', 'forecast', '-a', address)).toContain('forecast');
				worked('restart', 'weather', '-a', address);
				worked('logs', 'weather', '-a', address);
			}
			server.kill('SIGTERM');
			expect(await ended).toBe(0);
		} finally {
			server.kill('SIGKILL');
			await ended;
		}
	});

	test('installed into a folder of its own, the plugin of the README is called', ({ skip }) => {
		if (missing) skip(missing);
		const dir = join(scratch, 'local');
		mkdirSync(dir);
		writeFileSync(join(dir, 'package.json'), '{ "private": true, "type": "module" }');
		const installed = run('npm', [...install, tarball(), 'zod'], dir);
		expect(installed.code, installed.stderr).toBe(0);
		const [, source = ''] =
			/```ts\n([\s\S]*?)```/.exec(readFileSync(join(projectRoot, 'README.md'), 'utf8')) ?? [];
		writeFileSync(join(dir, 'plugin.ts'), source);
		const called = run(
			'npx',
			['--no-install', 'orchestra', 'call', '.', 'forecast', 'city=Oslo', '--json'],
			dir,
		);
		expect(called).toMatchObject({ code: 0, stdout: '{"city":"Oslo","days":3}\n' });
	});

	test('a build that has to check types says what it lacks', ({ skip }) => {
		if (missing) skip(missing);
		const dir = join(scratch, 'typed');
		mkdirSync(dir);
		writeFileSync(
			join(dir, 'plugin.ts'),
			"import { createPlugin } from 'orchestra-toolchain';\nexport default createPlugin('p').registerTool('t', { description: 'T.' }, () => 1).build();\n",
		);
		const built = orchestra(dir, 'build');
		expect(built).toMatchObject({
			code: 3,
			stderr: expect.stringMatching(/no TypeScript[\s\S]*npm i -D typescript[\s\S]*--no-check/),
		});
		expect(orchestra(dir, 'build', '--no-check').code).toBe(0);
	});

	test('a plugin that was made with init is called, tested and built by its own scripts', {
		timeout: 600_000,
	}, ({ skip }) => {
		if (missing) skip(missing);
		const made = orchestra(scratch, 'init', 'mine', '--no-install', '--json');
		expect(made.code, made.stderr).toBe(0);
		const dir = join(scratch, 'mine');
		const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
		// Not published, so that it comes from the tarball.
		manifest.devDependencies['orchestra-toolchain'] = `file:${tarball()}`;
		writeFileSync(join(dir, 'package.json'), JSON.stringify(manifest));
		const installed = run('npm', install, dir);
		expect(installed.code, installed.stderr).toBe(0);
		const { next } = JSON.parse(made.stdout) as { next: string[] };
		for (const command of next.filter((line) => !/^(cd|npm install)/.test(line))) {
			const done = run('/bin/sh', ['-c', command], dir);
			expect(done.code, `${command}\n${done.stdout}${done.stderr}`).toBe(0);
		}
		expect(run('npm', ['run', 'check'], dir)).toMatchObject({ code: 0 });
	});
});
