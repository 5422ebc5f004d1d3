import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, describe, expect, test } from 'vitest';
import { findQuicBinding } from '../../src/toolchain/bundle/quic-binding.ts';
import { denoExecutable } from '../support/deno.ts';
import { patienceMs } from '../support/patience.ts';
import { projectRoot, runCli } from '../support/run-cli.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { runProgram } from '../toolchain/run-program.ts';
import { writeFiles } from '../toolchain/write-files.ts';

const scratch = scratchFolder('built');
const env: Record<string, string> = {
	ORCHESTRA_CERTS_DIR: join(scratch, 'certs'),
	ORCHESTRA_CACHE_DIR: join(scratch, 'cache'),
};

/** A new folder with these files in it. */
function folder(files: Record<string, string>): string {
	return writeFiles(mkdtempSync(join(scratch, 'p-')), files);
}

const build = (...words: string[]) => runCli(['build', ...words], { cwd: scratch, env });

const hasQuic = findQuicBinding() !== undefined;

const runtimes = [
	['node', () => [process.execPath]],
	['deno', () => [denoExecutable(), 'run', '-A']],
] as const;

// What goes wrong in bundles: a module that is a program already, a CommonJS package that requires Node's modules and asks where it lies, names that a bundle has
// too, Node's modules by their short names, JSON, and a schema that needs the lazily loaded validator.
const awkward = {
	'package.json': '{ "type": "module", "main": "src/main.ts" }',
	'node_modules/old/package.json': '{ "name": "old", "main": "lib/index.js" }',
	'node_modules/old/lib/index.js': `
		const { sep } = require('path');
		const name = 'os';
		module.exports = { sep, cpus: require(name).cpus().length, dir: typeof __dirname, file: typeof __filename };`,
	'src/words.json': '{ "hello": "hallo" }',
	'src/main.ts': `
		import { createRequire } from 'node:module';
		import { dirname } from 'path';
		import { fileURLToPath } from 'node:url';
		import { createPlugin, runIfMain, ToolError } from 'orchestra-toolchain';
		// @ts-expect-error it has no types
		import old from 'old';
		import words from './words.json' with { type: 'json' };
		const require = createRequire(import.meta.url);
		const __dirname = dirname(fileURLToPath(import.meta.url));
		export const answer = 42;
		const plugin = createPlugin('awkward')
			.version('1.2.3')
			.registerTool(
				'look',
				{ description: 'Looks.', input: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } },
				({ n }: { n: number }) => {
					if (n < 0) throw new ToolError('negative', 'n is negative');
					return { n, ...old, ...words, own: typeof __dirname, exists: require('node:fs').existsSync(__dirname) };
				},
			)
			.build();
		export default plugin;
		runIfMain(plugin, import.meta);
		console.log('imported');`,
};

const seen = {
	sep: '/',
	cpus: expect.any(Number),
	dir: 'string',
	file: 'string',
	hello: 'hallo',
	own: 'string',
	exists: true,
};

/** A built plugin as a process in a folder of its own. */
async function served(command: readonly string[], listen: string, cwd: string) {
	const [program = '', ...args] = command;
	const child = spawn(program, [...args, 'awkward.mjs', `--listen-addr=${listen}`], {
		cwd,
		env: { ...process.env, ...env },
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
	const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
	let address: string | undefined;
	const lines: string[] = [];
	for await (const line of createInterface({ input: child.stderr })) {
		lines.push(line);
		address = /^READY (.+)$/.exec(line)?.[1];
		if (address) break;
	}
	clearTimeout(timer);
	child.stderr.resume();
	const stop = () => {
		child.kill('SIGTERM');
		return exited;
	};
	const dispose = async () => {
		await stop();
	};
	return { address, output: lines.join('\n'), exited, stop, [Symbol.asyncDispose]: dispose };
}

describe('a built plugin', () => {
	let project = '';
	let alone = '';

	beforeAll(async () => {
		project = folder(awkward);
		const { code, stdout, stderr } = await build(project, '--json');
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		expect(JSON.parse(stdout)).toMatchObject({
			id: 'awkward',
			version: '1.2.3',
			tools: ['look'],
			checked: true,
		});
		alone = folder({});
		cpSync(join(project, 'dist'), alone, { recursive: true });
	});

	describe.each(runtimes)('on %s', (_name, command) => {
		test('prints its manifest, in the keys of manifest.json', async () => {
			const [program, ...args] = command();
			const told = await runProgram(program ?? '', [...args, 'awkward.mjs', '--manifest'], { cwd: alone });
			// What the module prints while it is loaded does not stand before the manifest.
			expect(told).toMatchObject({ code: 0, stderr: 'imported\n' });
			const manifest = JSON.parse(told.stdout);
			const written = JSON.parse(readFileSync(join(alone, 'manifest.json'), 'utf8'));
			expect(written).toMatchObject(manifest);
		});

		const overTcp = ['over TCP', 'tcp://127.0.0.1:0', true] as const;
		const overQuic = ['over QUIC', '127.0.0.1:0', hasQuic] as const;
		test.for([overTcp, overQuic])('answers as a process %s', async ([, listen, works], { skip }) => {
			skip(!works, 'QUIC has no native part for this machine');
			await using plugin = await served(command(), listen, alone);
			expect(plugin.address, plugin.output).toBeDefined();
			const call = (n: string) =>
				runCli(['call', plugin.address ?? '', 'look', `n=${n}`, '--json'], { cwd: scratch, env });
			const { code, stdout, stderr } = await call('7');
			expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
			expect(JSON.parse(stdout)).toEqual({ n: 7, ...seen });
			expect(JSON.parse((await call('-1')).stderr).error.code).toBe('negative');
			expect(JSON.parse((await call('x')).stderr).error.code).toBe('invalid_arguments');
			expect(await plugin.stop()).toBe(0);
		});

		test('can be imported, which starts nothing', async () => {
			const program = join(folder({ 'host.mjs': '' }), 'host.mjs');
			const url = JSON.stringify(`file://${join(alone, 'awkward.mjs')}`);
			writeFileSync(
				program,
				`import plugin, { answer } from ${url};\nconsole.log(plugin.id, [...plugin.tools.keys()], answer);`,
			);
			const [executable, ...args] = command();
			const told = await runProgram(executable ?? '', [...args, program], { cwd: alone });
			expect(told).toMatchObject({
				code: 0,
				stdout: 'imported\nawkward [ "look" ] 42\n'.replaceAll('"', quote(told)),
			});
		});
	});

	test('is a program by itself', async () => {
		const told = await runProgram('./awkward.mjs', ['--manifest'], { cwd: alone });
		expect(told).toMatchObject({ code: 0, stdout: expect.stringContaining('"id":"awkward"') });
	});

	test.each([
		['in this process', []],
		['in a process of its own', ['--spawn']],
		['in a process of its own over quic', ['--spawn', '--carrier', 'quic']],
	])('can be called by its file, %s', async (_where, flags) => {
		const call = ['call', join(alone, 'awkward.mjs'), 'look', 'n=1', '--json', ...flags];
		const { code, stdout, stderr } = await runCli(call, { cwd: scratch, env });
		expect({ code, stderr }).toMatchObject({ code: 0 });
		expect(JSON.parse(stdout.replace('imported\n', ''))).toMatchObject({ n: 1, hello: 'hallo' });
	});

	test('holds the runtime, and nothing that only the command line needs', () => {
		const text = readFileSync(join(alone, 'awkward.mjs'), 'utf8');
		for (const name of ['oclif', 'ink', 'react'])
			expect(text).not.toMatch(new RegExp(`node_modules/@?${name}/`));
		expect(text).not.toContain('class BaseCommand');
		expect(text.length).toBeLessThan(3_000_000);
	});

	test('has a manifest that describes it', () => {
		const manifest = JSON.parse(readFileSync(join(alone, 'manifest.json'), 'utf8'));
		expect(manifest).toMatchObject({
			manifest_version: 1,
			id: 'awkward',
			needs_events: [],
			tools: [{ name: 'look', description: 'Looks.', streaming: false, input_schema: { required: ['n'] } }],
			prompts: [],
			toolchain: JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')).version,
			file: { name: 'awkward.mjs' },
		});
		for (const { name, size, sha256 } of [manifest.file, manifest.quic].filter((file) => file)) {
			const content = readFileSync(join(alone, name));
			expect([size, sha256]).toEqual([content.length, createHash('sha256').update(content).digest('hex')]);
		}
	});

	test('is the same to the byte wherever it is built, and tells nothing of where that was', async () => {
		const other = join(folder({}), 'far/away');
		mkdirSync(other, { recursive: true });
		cpSync(project, other, { recursive: true });
		rmSync(join(other, 'dist'), { recursive: true });
		expect(await build(other, '--no-check', '--sourcemap', '--no-quic')).toMatchObject({ code: 0 });
		const [first, second] = [project, other].map((dir) =>
			readFileSync(join(dir, 'dist/awkward.mjs'), 'utf8'),
		);
		const [own = '', whole = ''] = [first, second].map((text) => text?.trimEnd().split('\n').at(-1));
		expect(second?.slice(0, -whole.length - 1)).toBe(first?.slice(0, -own.length - 1));
		expect(whole).toBe('//# sourceMappingURL=awkward.mjs.map');
		const map = JSON.parse(readFileSync(join(other, 'dist/awkward.mjs.map'), 'utf8'));
		expect(map.sources).toContain('src/main.ts');
		expect(map.sources).toContain('node_modules/old/lib/index.js');
		// By itself a bundle knows the author's own files, and nothing but their lines.
		const ownMap = JSON.parse(Buffer.from(own.replace(/^.*base64,/, ''), 'base64').toString());
		expect(ownMap).toMatchObject({ sourceRoot: '../', names: [] });
		expect(ownMap.sources).toEqual(['src/main.ts', 'src/words.json', 'node_modules/bundled']);
		expect(ownMap.sourcesContent).toBeUndefined();
		for (const text of [first, map.sources.join(), JSON.stringify(ownMap)]) {
			for (const place of [scratch, projectRoot, `${homedir()}/`]) expect(text).not.toContain(place);
		}
	});

	test('points into its source when it fails, with a source map', async () => {
		const dir = folder({
			'plugin.ts': `import { createPlugin } from 'orchestra-toolchain';
				interface Unused { readonly gone: string }

				export function fail(): never { throw new Error('on line 4'); }
				export default createPlugin('mapped').build();`,
		});
		expect(await build(dir, '--sourcemap', '--no-quic', '--minify')).toMatchObject({ code: 0 });
		writeFileSync(join(dir, 'dist/host.mjs'), "import { fail } from './mapped.mjs';\nfail();\n");
		const { stderr } = await runProgram(process.execPath, ['--enable-source-maps', 'host.mjs'], {
			cwd: join(dir, 'dist'),
		});
		expect(stderr).toMatch(/plugin\.ts:4:/);
	});

	test('without the native part of QUIC it listens on TCP, and says so; QUIC by name is refused', async () => {
		rmSync(join(alone, 'orchestra-quic.node'), { force: true });
		await using fallen = await served([process.execPath], '127.0.0.1:0', alone);
		expect(fallen.address, fallen.output).toMatch(/^tcp:/);
		expect(fallen.output).toMatch(/listens on TCP instead of QUIC: QUIC .*native/);
		const look = ['call', fallen.address ?? '', 'look', 'n=1', '--json'];
		expect(await runCli(look, { cwd: scratch, env })).toMatchObject({ code: 0 });
		await using quic = await served([process.execPath], 'quic://127.0.0.1:0', alone);
		expect(await quic.exited).toBe(4);
		expect(quic.output).toMatch(/QUIC .*native/);
	});
});

/** Node and Deno print strings in arrays with quotes of their own. */
function quote({ stdout }: { stdout: string }): string {
	return stdout.includes("'") ? "'" : '"';
}

const head = "import { createPlugin } from 'orchestra-toolchain';\n";

describe('what is wrong is said', () => {
	test.each([
		[
			'a type error',
			`${head}const n: number = 'x';\nexport default createPlugin('x').build();`,
			'build_failed',
			'plugin.ts:2:7: TS2322',
		],
		['a syntax error', `${head}export default createPlugin(;`, 'build_failed', 'plugin.ts:2:29: '],
		[
			'a missing package',
			`${head}import 'not-installed';`,
			'build_failed',
			'plugin.ts:2:8: Could not resolve "not-installed"',
		],
		['a module that throws', `${head}throw new Error('no database');`, 'plugin_load_failed', 'no database'],
		['a module that exits', `${head}process.exit(0);`, 'plugin_load_failed', 'ended the process'],
		[
			'a module that waits for ever',
			`${head}export default createPlugin('x').build();\nawait new Promise(() => {});`,
			'plugin_load_failed',
			'ended the process',
		],
		['no plugin', 'export default 4;', 'not_a_plugin', 'its default export is something else'],
		['no default export', 'export const x = 4;', 'not_a_plugin', 'no default export'],
		['a wrong id', `${head}export default createPlugin('../x').build();`, 'invalid_plugin', '../x'],
	])('%s', async (_what, source, code, text) => {
		const dir = folder({ 'plugin.ts': source, 'dist/manifest.json': 'from before' });
		const result = await build(dir, '--json', '--no-quic');
		expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 3, stdout: '' });
		const { error } = JSON.parse(result.stderr);
		expect(error.code).toBe(code);
		expect(error.message).toContain(text);
		expect(readdirSync(join(dir, 'dist'))).toEqual(['manifest.json']);
		expect(readFileSync(join(dir, 'dist/manifest.json'), 'utf8')).toBe('from before');
	});

	test('types by the project’s tsconfig.json, unless with --no-check', async () => {
		const dir = folder({
			'plugin.js': `${head}export default createPlugin('loose').build();\n/** @type {number} */ export let n = 'x';`,
			'tsconfig.json': JSON.stringify({
				compilerOptions: {
					allowJs: true,
					checkJs: true,
					noEmit: true,
					module: 'nodenext',
					types: [],
					paths: { 'orchestra-toolchain': [join(projectRoot, 'dist/runtime/index.d.ts')] },
					skipLibCheck: true,
				},
			}),
		});
		const { code, stderr } = await build(dir, '--no-quic');
		expect(code).toBe(3);
		expect(stderr).toMatch(/plugin\.js:3:\d+: TS2322/);
		const unchecked = await build(dir, '--no-quic', '--no-check', '--json');
		expect(JSON.parse(unchecked.stdout)).toMatchObject({ id: 'loose', checked: false });
	});

	test.each([
		['no such folder', 'absent', 'target_not_found'],
		['an empty folder', '.', 'not_a_plugin'],
	])('%s', async (_what, name, code) => {
		const result = await build(join(folder({}), name), '--json');
		expect(result.code).toBe(3);
		expect(JSON.parse(result.stderr).error.code).toBe(code);
	});

	test.each(['file', 'file/below'])('an output that cannot be written: %s', async (out) => {
		const dir = folder({ 'plugin.js': `${head}export default createPlugin('x').build();`, file: '' });
		const result = await build(dir, '--out', join(dir, out), '--no-quic');
		expect(result.code).toBe(2);
		expect(result.stderr).toContain('cannot be written');
		expect(readdirSync(dir)).toEqual(['file', 'plugin.js']);
	});

	test('an output over its own source', async () => {
		const dir = folder({ 'x.mjs': `${head}export default createPlugin('x').build();` });
		const result = await build(join(dir, 'x.mjs'), '--out', dir, '--no-quic');
		expect(result.code).toBe(2);
		expect(result.stderr).toContain('overwrite its own source');
		expect(existsSync(join(dir, 'manifest.json'))).toBe(false);
	});
});
