import { spawnSync } from 'node:child_process';
import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	realpathSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../support/run-cli.ts';

/** Bytes of an installation with all that it brings along. */
const mostBytes = 60e6;

let scratch = '';
let env: NodeJS.ProcessEnv = {};
let missing = '';

beforeAll(() => {
	scratch = realpathSync(mkdtempSync(join(tmpdir(), 'orchestra-tarball-')));
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
}, 180_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

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
		timeout: 150_000,
	});
	return { code: status, stdout, stderr };
}

const orchestra = (cwd: string, ...words: string[]) => run('orchestra', words, cwd);

function bytesBelow(folder: string): number {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
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
		for (const flags of [[], ['--spawn', '--carrier', 'tcp']]) {
			const called = orchestra(work, 'call', '.', 't', 'n=3', '--json', ...flags);
			expect(called).toEqual({ code: 0, stdout: '{"n":3}\n', stderr: '' });
		}
		expect(orchestra(work, 'inspect', '.', '--json').code).toBe(0);
		expect(orchestra(work, 'certs', 'status')).toMatchObject({ code: 0 });
		expect(orchestra(work, 'build', '.', '--out', 'out')).toMatchObject({ code: 0 });
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
		timeout: 180_000,
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
