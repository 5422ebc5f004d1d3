import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { findPty } from '../../src/runtime/exec/terminal/native-pty.ts';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const scratch = scratchFolder('beside');
const env: Record<string, string> = {
	ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
	ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
	ORCHESTRA_HOME: join(scratch, 'home'),
};

function folder(files: Record<string, string>): string {
	return writeFiles(mkdtempSync(join(scratch, 'p-')), files);
}

/** An addon that is there on this machine, if any. */
function addon(): string | undefined {
	try {
		return findPty().binding;
	} catch {
		return undefined;
	}
}

// A source that reads files beside it in three ways, a package that reads one, an addon of its own, a package that finds its addon as node-gyp-build does, and one
// that it depends on.
const project = {
	'package.json': '{ "type": "module", "main": "src/main.ts" }',
	'data/greeting.txt': 'hello',
	'src/words/de.txt': 'eins',
	'src/words/en.txt': 'one',
	'src/cities.json': '["Oslo"]',
	'src/main.ts': `import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPlugin } from 'orchestra-toolchain';
import native from 'native';
import own from './own.node';
import { bytes } from 'wasmy';
const here = dirname(fileURLToPath(import.meta.url));
export default createPlugin('beside').version('1.0.0')
	.registerTool('read', { description: 'Reads.' }, async ({ lang = 'de' }: { lang?: string }) => ({
		greeting: readFileSync(join(here, '..', 'data', 'greeting.txt'), 'utf8'),
		word: readFileSync(\`\${here}/words/\${lang}.txt\`, 'utf8'),
		cities: JSON.parse(readFileSync(new URL('cities.json', import.meta.url), 'utf8')),
		native: typeof native.addon.fork,
		helped: native.helped,
		own: typeof own.fork,
		wasm: (await WebAssembly.instantiate(bytes)).instance !== undefined,
	}))
	.registerTool('fail', { description: 'Fails.' }, () => {
		throw new Error('on line 20');
	})
	.build();
`,
	'node_modules/native/package.json':
		'{ "name": "native", "main": "index.js", "dependencies": { "helper": "*" } }',
	'node_modules/native/index.js': `const { join } = require('path');
exports.helped = require('helper')();
exports.addon = require(join(__dirname, 'prebuilds', process.platform + '-' + process.arch, 'x.node'));`,
	'node_modules/native/src/x.c': 'int x;',
	'node_modules/helper/package.json': '{ "name": "helper" }',
	'node_modules/helper/index.js': "module.exports = () => 'helped';",
	'node_modules/wasmy/package.json': '{ "name": "wasmy", "type": "module", "main": "lib/index.js" }',
	'node_modules/wasmy/lib/index.js':
		"import { readFileSync } from 'node:fs';\nexport const bytes = readFileSync(new URL('./m.wasm', import.meta.url));",
	'node_modules/wasmy/lib/m.wasm': '\0asm\x01\0\0\0',
};

const read = {
	greeting: 'hello',
	word: 'eins',
	cities: ['Oslo'],
	native: 'function',
	helped: 'helped',
	own: 'function',
	wasm: true,
};

const binding = addon();

describe.skipIf(binding === undefined)('what a bundle cannot hold', () => {
	let dir = '';
	let alone = '';

	beforeAll(async () => {
		dir = folder(project);
		for (const path of [
			`node_modules/native/prebuilds/${process.platform}-${process.arch}/x.node`,
			'src/own.node',
		]) {
			cpSync(binding ?? '', join(dir, path));
		}
		const built = await runCli(['build', dir, '--pack', '--no-check', '--no-quic', '--json'], {
			env,
			timeoutMs: 60_000,
		});
		expect({ code: built.code, stderr: built.stderr }).toEqual({ code: 0, stderr: '' });
		expect(JSON.parse(built.stdout)).toMatchObject({
			nativePackages: ['native'],
			platform: `${process.platform}-${process.arch}`,
			warnings: [],
		});
		alone = folder({});
		cpSync(join(dir, 'dist'), alone, { recursive: true });
	});

	test('lies beside it, as its sources see it, and nothing that only builds it', () => {
		const files = readdirSync(join(alone, 'beside.files'), { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name).slice(alone.length + 'beside.files'.length + 2))
			.sort();
		expect(files).toEqual([
			'data/greeting.txt',
			'node_modules/helper/index.js',
			'node_modules/helper/package.json',
			'node_modules/native/index.js',
			'node_modules/native/package.json',
			`node_modules/native/prebuilds/${process.platform}-${process.arch}/x.node`,
			'node_modules/wasmy/lib/m.wasm',
			'src/cities.json',
			'src/own.node',
			'src/words/de.txt',
			'src/words/en.txt',
		]);
		const manifest = JSON.parse(readFileSync(join(alone, 'manifest.json'), 'utf8'));
		expect(manifest.files).toHaveLength(files.length);
	});

	test.each([
		['in this process', 'node', []],
		['in a process of its own', 'node', ['--spawn', '--carrier', 'tcp']],
		['on Deno', 'deno', []],
	] as const)('is found %s', async (_where, runtime, flags) => {
		const called = await runCli(['call', join(alone, 'beside.mjs'), 'read', '--json', ...flags], {
			env,
			runtime,
		});
		expect({ code: called.code, stderr: called.stderr }).toEqual({ code: 0, stderr: '' });
		expect(JSON.parse(called.stdout)).toEqual(read);
	});

	test('is installed with it; there an error names the author’s file and line too', async () => {
		const installed = await runCli(['install', join(alone, 'beside-1.0.0.tgz'), '--yes', '--json'], {
			env,
			cwd: scratch,
		});
		expect(installed).toMatchObject({ code: 0 });
		const called = await runCli(['call', 'beside', 'read', 'lang=en', '--json'], { env, cwd: scratch });
		expect(JSON.parse(called.stdout)).toEqual({ ...read, word: 'one' });
		const failed = await runCli(['call', 'beside', 'fail', '--json'], { env, cwd: scratch });
		expect(JSON.parse(failed.stderr).error).toMatchObject({
			message: 'on line 20',
			details: { file: 'src/main.ts', line: 20 },
		});
		// Beside its sources it names them as they lie.
		const beside = await runCli(['call', join(dir, 'dist/beside.mjs'), 'fail', '--json'], { env, cwd: dir });
		expect(JSON.parse(beside.stderr).error.details).toMatchObject({
			file: 'src/main.ts',
			line: 20,
			frame: expect.stringContaining("throw new Error('on line 20')"),
		});
	});

	test('for another platform it is not installed', async () => {
		const other = folder({});
		cpSync(alone, other, { recursive: true });
		const manifest = JSON.parse(readFileSync(join(other, 'manifest.json'), 'utf8'));
		writeFileSync(join(other, 'manifest.json'), JSON.stringify({ ...manifest, platform: 'plan9-mips' }));
		const installed = await runCli(['install', other, '--yes', '--json'], { env, cwd: scratch });
		expect(installed.code).toBe(3);
		expect(JSON.parse(installed.stderr).error).toMatchObject({
			code: 'requirement_unmet',
			message: expect.stringContaining('plan9-mips'),
		});
	});

	test('what is gone from the sources is gone from the output after the next build', async () => {
		rmSync(join(dir, 'src/words/en.txt'));
		expect(await runCli(['build', dir, '--no-check', '--no-quic'], { env })).toMatchObject({ code: 0 });
		expect(readdirSync(join(dir, 'dist/beside.files/src/words'))).toEqual(['de.txt']);
	});
});

test('what cannot lie beside it is refused by name, with its place and the way out', async () => {
	const dir = folder({
		'shared/words.txt': 'x',
		'p/package.json': '{ "main": "src/plugin.ts" }',
		'p/src/work.ts': '',
		'p/src/plugin.ts': `import { createPlugin } from 'orchestra-toolchain';
import { sep } from 'node:path';
new Worker(new URL('./work.ts', import.meta.url));
const words = new URL('../../shared/words.txt', import.meta.url);
export default createPlugin('x').build();`,
	});
	const built = await runCli(['build', join(dir, 'p'), '--no-check', '--json'], { env, cwd: dir });
	expect(built).toMatchObject({ code: 3, stdout: '' });
	const { message, hint } = JSON.parse(built.stderr).error;
	expect(message).toContain('p/src/plugin.ts:3:20: ./work.ts is code of its own');
	expect(message).toContain('p/src/plugin.ts:4:23: ../../shared/words.txt lies outside of the folder');
	expect(hint).toContain('orchestra serve');
	expect(existsSync(join(dir, 'p/dist'))).toBe(false);
	writeFileSync(
		join(dir, 'p/src/plugin.ts'),
		"import { createPlugin } from 'orchestra-toolchain';\nimport load from 'bindings';\nload('x');\nexport default createPlugin('x').build();",
	);
	const other = await runCli(['build', join(dir, 'p'), '--no-check', '--json'], { env, cwd: dir });
	expect(JSON.parse(other.stderr).error.message).toContain('p/src/plugin.ts:2:18: bindings finds no addon');
});

test('a file that is larger than the process may write: said so, and nothing half', () => {
	const dir = folder({
		'plugin.ts':
			"import { createPlugin } from 'orchestra-toolchain';\nexport default createPlugin('x').build();",
		'dist/manifest.json': 'from before',
	});
	const command = `ulimit -f 100; exec '${process.execPath}' '${join(projectRoot, 'bin/orchestra.js')}' build '${dir}' --no-check --no-quic --json`;
	const { status, stderr } = spawnSync('sh', ['-c', command], {
		env: { ...process.env, ...env },
		encoding: 'utf8',
	});
	expect(status).toBe(1);
	expect(JSON.parse(stderr).error).toMatchObject({
		code: 'no_space',
		hint: expect.stringContaining('ulimit -f'),
	});
	expect(readdirSync(join(dir, 'dist'))).toEqual(['manifest.json']);
	expect(readFileSync(join(dir, 'dist/manifest.json'), 'utf8')).toBe('from before');
});
