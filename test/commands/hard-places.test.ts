import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const executable = join(projectRoot, 'bin/orchestra.js');
const kitchen = join(projectRoot, 'test/commands/fixtures/kitchen.ts');
const scratch = scratchFolder('hard');
let env: Record<string, string> = {};

beforeAll(() => {
	chmodSync(scratch, 0o755);
	env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };
});

/** Runs the executable with exactly this environment, as this or another user. */
function bare(words: string[], environment: Record<string, string>, user?: number) {
	const { status, stdout, stderr } = spawnSync(process.execPath, [executable, ...words], {
		env: { PATH: process.env.PATH ?? '', ...environment },
		encoding: 'utf8',
		cwd: projectRoot,
		timeout: 60_000,
		...(user === undefined ? {} : { uid: user, gid: user }),
	});
	return { code: status, stdout, stderr };
}

describe('a user without anything', () => {
	const isRoot = process.getuid?.() === 0;

	test.runIf(isRoot)('on no list of users, without a home and a shell', () => {
		expect(bare(['--help'], {}, 54321)).toMatchObject({ code: 0, stderr: '' });
		expect(bare(['--help'], { HOME: '/tmp' }, 54321)).toMatchObject({ code: 0, stderr: '' });
		expect(bare(['call', kitchen, 'greet', 'name=Ada'], {}, 54321)).toMatchObject({ code: 0, stderr: '' });
		expect(bare(['certs', 'status'], {}, 54321)).toMatchObject({
			code: 3,
			stderr: expect.stringMatching(/this user has no home[\s\S]*ORCHESTRA_CERTS_DIR/),
		});
	});

	test.each([['/proc'], ['/dev/null'], ['/nonexistent']])('whose home is %s', (HOME) => {
		expect(bare(['call', kitchen, 'greet', 'name=Ada'], { HOME })).toMatchObject({
			code: 0,
			stdout: 'hello Ada\n',
			stderr: '',
		});
	});
});

describe.runIf(existsSync('/dev/full'))('a full disk', () => {
	/** Runs the executable with standard output on a device that is always full. */
	function full(words: string[]): { code: number | null; stderr: string } {
		const device = openSync('/dev/full', 'w');
		try {
			const { status, stderr } = spawnSync(process.execPath, [executable, ...words], {
				env: { ...process.env, ...env, NO_COLOR: '1' },
				stdio: ['ignore', device, 'pipe'],
				encoding: 'utf8',
				timeout: 60_000,
			});
			return { code: status, stderr };
		} finally {
			closeSync(device);
		}
	}

	test.each([
		[['call', kitchen, 'greet', 'name=Ada']],
		[['call', kitchen, 'echo', 'text=x', '--json']],
		[['call', kitchen, 'count', 'to=3']],
		[['inspect', kitchen]],
		[['inspect', kitchen, '--json']],
		[['certs', 'export', 'web', '--out', '-']],
		[['prompt', 'examples/release-notes']],
		[['certs', 'list']],
		[['schema', 'config']],
		[['--help']],
	])('%j: exit 1 and a sentence', async (words) => {
		if (words.includes('export')) {
			for (const before of [
				['certs', 'init'],
				['certs', 'issue', 'web'],
			])
				await runCli(before, { env });
		}
		const { code, stderr } = full(words);
		expect(stderr).toMatch(/could not be written to standard output: no space is left/);
		expect(stderr).not.toMatch(/\n\s+at /);
		expect(code).toBe(1);
	});
});

test('nobody who reads stderr ends nothing', async () => {
	const child = spawn(
		'/bin/sh',
		[
			'-c',
			`{ '${process.execPath}' '${executable}' call '${kitchen}' crash; echo "code $?" >&3; } 2>&1 >/dev/null 3>&1 | true; true`,
		],
		{
			env: { ...process.env, ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
		},
	);
	expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
	const { status } = spawnSync(
		'/bin/bash',
		[
			'-c',
			`set -o pipefail; '${process.execPath}' '${executable}' call '${kitchen}' greet name=Ada 2> >(true)`,
		],
		{
			env: { ...process.env, ...env },
		},
	);
	expect(status).toBe(0);
});

/** Whether a terminal might obey a character: all but line ends and tabs. */
function isControl(char: string): boolean {
	const code = char.charCodeAt(0);
	return (code < 32 && code !== 9 && code !== 10) || (code >= 127 && code < 160) || code === 0x202e;
}

test('what a plugin says never reaches the terminal as commands to it', async () => {
	const evil = '\\u001b]52;c;ZXZpbA==\\u0007\\u001b[2J\\u009b31m\\u202eabc';
	const dir = writeFiles(join(scratch, 'evil'), {
		'plugin.mjs': `import { createPlugin, ToolError } from 'orchestra-toolchain';
			export default createPlugin('evil').description('d${evil}').author('${evil}')
				.registerTool('fail', { description: 't${evil}', input: { type: 'object', properties: { 'p${evil}': { type: 'string', description: '${evil}', default: '${evil}' } } } },
					(_, ctx) => { ctx.log.info('log ${evil}', { field: '${evil}' }); ctx.progress(1, 2, '${evil}'); throw new ToolError('bad', 'm${evil}', { hint: 'h${evil}' }); })
				.registerTool('crash', { description: 'x' }, () => { throw new Error('c${evil}'); })
				.build();
			if (process.env.EVIL_PRINTS) console.error('out${evil}');`,
	});
	for (const words of [
		['call', dir, 'fail'],
		['call', dir, 'crash'],
		['call', dir, 'fail', '--spawn', '--env', 'EVIL_PRINTS'],
		['inspect', dir],
		['call', dir, 'nothing'],
	]) {
		const { stdout, stderr } = await runCli(words, {
			env: { ...env, ...(words.includes('--spawn') ? { EVIL_PRINTS: '1' } : {}) },
		});
		expect([...`${stdout}${stderr}`].filter(isControl), words.join(' ')).toEqual([]);
	}
	const { stderr } = await runCli(['call', dir, 'fail'], { env });
	expect(stderr).toContain('error m\\x1b]52;c;ZXZpbA==\\x07');
	expect(stderr).toContain('→ h\\x1b]52');
});

test('a handler that fails shows where, in the source as the author has it', async () => {
	for (const flags of [[], ['--spawn'], ['--spawn', '--carrier', 'quic']]) {
		const { code, stderr } = await runCli(['call', kitchen, 'crash', ...flags], { env });
		expect(code).toBe(5);
		expect(stderr).toMatch(
			/at test\/commands\/fixtures\/kitchen\.ts:\d+:\d+\n\s+\d+ \| .*throw new Error\('the oven exploded'\)/,
		);
		expect(stderr).not.toMatch(/\.mjs|\\n/);
		const shown = await runCli(['call', kitchen, 'crash', '--json', ...flags], { env });
		expect(JSON.parse(shown.stderr).error.details).toMatchObject({
			file: 'test/commands/fixtures/kitchen.ts',
			line: expect.any(Number),
			frame: expect.stringContaining('the oven exploded'),
		});
		const whole = await runCli(['call', kitchen, 'crash', '-v', ...flags], { env });
		expect(whole.stderr).toMatch(/at .*kitchen\.ts:\d+:\d+[\s\S]*\n\s+at /);
	}
});

test('a module that fails shows where, on import', async () => {
	mkdirSync(join(scratch, 'sick'), { recursive: true });
	writeFileSync(
		join(scratch, 'sick', 'plugin.ts'),
		'interface A {}\n\nconst value: string | undefined = undefined as never;\nexport default value!.length;\n',
	);
	for (const flags of [[], ['--spawn'], ['--spawn', '--carrier', 'quic']]) {
		const { code, stderr } = await runCli(['call', join(scratch, 'sick'), 'x', '--json', ...flags], { env });
		expect(code, stderr).toBe(3);
		expect(JSON.parse(stderr).error).toMatchObject({
			code: 'plugin_load_failed',
			message: expect.stringContaining('plugin.ts:4:23'),
			details: { line: 4, frame: expect.stringContaining('value!.length') },
		});
	}
});
