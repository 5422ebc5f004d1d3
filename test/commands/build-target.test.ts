import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { denoExecutable } from '../support/deno.ts';
import { runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const scratch = scratchFolder('target');
const env: Record<string, string> = {
	ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
	ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
	DENO_DIR: join(scratch, 'deno'),
	PATH: `${dirname(denoExecutable())}:${process.env.PATH}`,
};

function folder(files: Record<string, string>): string {
	return writeFiles(mkdtempSync(join(scratch, 'p-')), files);
}

const conditional = {
	'node_modules/cond/package.json':
		'{ "name": "cond", "version": "2.1.0", "exports": { "deno": "./deno.mjs", "default": "./other.mjs" } }',
	'node_modules/cond/deno.mjs': "export const kind = 'deno';",
	'node_modules/cond/other.mjs': "export const kind = 'other';",
};

const build = (...words: string[]) =>
	runCli(['build', ...words, '--no-check', '--no-quic', '--json'], { env, cwd: scratch, timeoutMs: 60_000 });

describe('build --target deno', () => {
	let dir = '';
	let file = '';

	beforeAll(async () => {
		dir = folder({
			...conditional,
			'deno.jsonc': '{ "imports": { "@/": "./lib/", "cond": "npm:cond@^2" }, /* a comment */ }',
			'lib/twice.ts': 'export const twice = (n: number) => 2 * n;',
			'plugin.ts': `import { createPlugin } from 'orchestra-toolchain';
import { kind } from 'cond';
import { twice } from '@/twice.ts';
export default createPlugin('t').registerTool('say', { description: 'Says.' }, () => ({ kind, four: twice(2), cwd: typeof Deno.cwd() })).build();`,
		});
		expect(await build(dir, '--target', 'deno')).toMatchObject({ code: 0, stderr: '' });
		file = join(dir, 'dist/t.mjs');
	});

	test('takes what packages have for Deno, and names of its import map', async () => {
		expect(readFileSync(file, 'utf8')).toMatch(
			/^#!\/usr\/bin\/env -S deno run -A\n\/\/ orchestra build --target deno\n/,
		);
		const called = await runCli(['call', file, 'say', '--json'], { env, cwd: scratch, runtime: 'deno' });
		expect(JSON.parse(called.stdout)).toEqual({ kind: 'deno', four: 4, cwd: 'string' });
	});

	test('is refused in a process of Node, and run by Deno with --spawn', async () => {
		const refused = await runCli(['call', file, 'say', '--json'], { env, cwd: scratch });
		expect(refused.code).toBe(3);
		expect(JSON.parse(refused.stderr).error).toMatchObject({
			code: 'requirement_unmet',
			message: expect.stringMatching(/t\.mjs was built for Deno, and this process is Node/),
			hint: expect.stringContaining('--spawn'),
		});
		const called = await runCli(['call', file, 'say', '--spawn', '--carrier', 'tcp', '--json'], {
			env,
			cwd: scratch,
		});
		expect(JSON.parse(called.stdout)).toEqual({ kind: 'deno', four: 4, cwd: 'string' });
	});

	test('is refused for Node where it uses what only Deno has', async () => {
		const built = await build(dir, '--target', 'node');
		expect(built.code).toBe(3);
		const { code, message, hint } = JSON.parse(built.stderr).error;
		expect(code).toBe('build_failed');
		expect(message).toContain('plugin.ts:4:123: Deno.cwd is there on Deno only');
		expect(hint).toContain('--target deno');
	});
});

test('build --target node takes what packages have for Node; only texts and types of Deno are no uses', async () => {
	const dir = folder({
		...conditional,
		'plugin.ts': `import { createPlugin } from 'orchestra-toolchain';
import { kind } from 'cond';
// Deno.cwd()
export default createPlugin('t').registerTool('say', { description: 'As "Deno.cwd()".' }, (_: unknown, info?: Deno.FileInfo) => ({ kind })).build();`,
	});
	expect(await build(dir, '--target', 'node')).toMatchObject({ code: 0, stderr: '' });
	const call = ['call', join(dir, 'dist/t.mjs'), 'say', '--json'];
	expect(JSON.parse((await runCli(call, { env, cwd: scratch })).stdout)).toEqual({ kind: 'other' });
	const onDeno = await runCli(call, { env, cwd: scratch, runtime: 'deno' });
	expect(JSON.parse(onDeno.stderr).error.message).toMatch(/was built for Node, and this process is Deno/);
});

test('what Deno imports from elsewhere: taken in where Deno can fetch it, refused by name where not', async () => {
	await using server = await modules({
		'/mod.ts':
			"import { half } from './half.ts';\nexport const quarter = (n: number): number => half(half(n));\n",
		'/half.ts': 'export const half = (n: number): number => n / 2;\n',
	});
	const dir = folder({
		...conditional,
		'deno.json': '{}',
		'plugin.ts': `import { createPlugin } from 'orchestra-toolchain';
import { quarter } from '${server.url}/mod.ts';
import { kind } from 'npm:cond@2';
export default createPlugin('r').registerTool('say', { description: 'Says.' }, () => ({ two: quarter(8), kind })).build();`,
		'wrong.ts': `import { createPlugin } from 'orchestra-toolchain';
import 'npm:cond@^3';
import 'npm:absent@1';
import 'jsr:@acme/math@^1';
export default createPlugin('r').build();`,
	});
	expect(await build(dir)).toMatchObject({ code: 0 });
	const called = await runCli(['call', join(dir, 'dist/r.mjs'), 'say', '--json'], { env, cwd: scratch });
	expect(JSON.parse(called.stdout)).toEqual({ two: 2, kind: 'other' });
	const wrong = await runCli(['build', join(dir, 'wrong.ts'), '--no-check', '--json'], {
		env: { ...env, PATH: dirname(process.execPath) },
		cwd: scratch,
	});
	expect(wrong.code).toBe(3);
	const { message } = JSON.parse(wrong.stderr).error;
	expect(message).toContain('wrong.ts:2:8: npm:cond@^3 asks for another version than the 2.1.0');
	expect(message).toContain('wrong.ts:3:8: npm:absent@1 is not installed: run npm install absent@1');
	expect(message).toMatch(
		/wrong\.ts:4:8: jsr:@acme\/math@\^1 cannot be taken into the bundle: only Deno fetches it/,
	);
	const none = await runCli(['build', join(dir, 'plugin.ts'), '--no-check', '--target', 'deno', '--json'], {
		env: { ...env, PATH: dirname(process.execPath) },
		cwd: scratch,
	});
	expect(JSON.parse(none.stderr).error.code).toMatch(/build_failed|requirement_unmet/);
});

/** Modules that are served on this machine. */
async function modules(files: Record<string, string>) {
	const server = createServer((request, response) => {
		const text = files[request.url ?? ''];
		response
			.writeHead(text === undefined ? 404 : 200, { 'content-type': 'application/typescript' })
			.end(text);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		[Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
	};
}
