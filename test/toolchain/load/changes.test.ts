import { createHash } from 'node:crypto';
import {
	chmodSync,
	cpSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	truncateSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../support/run-cli.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { writeFixture } from './run-fixture.ts';

const scratch = scratchFolder('changes');
let certs = '';

beforeAll(() => {
	certs = join(scratch, 'certs');
});

const isLong = process.env.ORCHESTRA_SOAK === '1';
const runtimes: Array<'node' | 'deno'> = isLong ? ['node', 'deno'] : ['node'];

/** Own sources, an alias, JSON, an ES module and a CommonJS package, a linked one, and configuration that is extended. */
const files = {
	'package.json': '{ "type": "module" }',
	'tsconfig.json': '{ "extends": "./base.json" }',
	'base.json': '{ "compilerOptions": { "paths": { "@/*": ["./first/*", "./second/*"] } } }',
	'second/alias.ts': "export const alias = 'second';",
	'own/helper.js': "export const own = 'js';",
	'data.json': '{ "n": 1 }',
	'plugin.ts': `
		import { createPlugin } from 'orchestra-toolchain';
		import { alias } from '@/alias';
		import { own } from './own/helper';
		import data from './data.json' with { type: 'json' };
		import esm from 'esm';
		import cjs from 'cjs';
		import linked from 'linked';
		class A { log: string[] = []; set x(_v: number) { this.log.push('set'); } }
		// @ts-ignore
		class B extends A { x = 1; }
		export default createPlugin('fixture')
			.registerTool('run', { description: 'Runs.' }, () => ({ alias, own, n: data.n, esm, cjs, linked, set: new B().log.length }))
			.build();`,
	'node_modules/esm/package.json': '{ "name": "esm", "type": "module", "main": "one.js" }',
	'node_modules/esm/one.js': "export default 'one';",
	'node_modules/esm/two.js': "export default 'two';",
	'node_modules/cjs/package.json': '{ "name": "cjs", "main": "one.js" }',
	'node_modules/cjs/one.js': "module.exports = 'one';",
	'node_modules/cjs/two.js': "module.exports = 'two';",
	'elsewhere/a/package.json': '{ "name": "linked", "type": "module", "main": "i.js" }',
	'elsewhere/a/i.js': "export default 'a';",
	'elsewhere/b/package.json': '{ "name": "linked", "type": "module", "main": "i.js" }',
	'elsewhere/b/i.js': "export default 'b';",
	'node_modules/linked': 'link:../elsewhere/a',
};

const before = { alias: 'second', own: 'js', n: 1, esm: 'one', cjs: 'one', linked: 'a', set: 0 };

/** Replaces a file's content without a trace in its size and modification time. */
function replaceQuietly(path: string, text: string): void {
	const { size, atime, mtime } = statSync(path);
	expect(text.length).toBe(size);
	writeFileSync(path, text);
	utimesSync(path, atime, mtime);
}

const changes: Array<[name: string, change: (dir: string) => void, after: Partial<typeof before>]> = [
	[
		'a source',
		(dir) => writeFileSync(join(dir, 'own/helper.js'), "export const own = 'new one';"),
		{ own: 'new one' },
	],
	[
		'a source, of the same size and time',
		(dir) => replaceQuietly(join(dir, 'own/helper.js'), "export const own = 'xx';"),
		{ own: 'xx' },
	],
	['JSON', (dir) => writeFileSync(join(dir, 'data.json'), '{ "n": 2 }'), { n: 2 }],
	[
		'a file that wins over the one that was found',
		(dir) => writeFileSync(join(dir, 'own/helper.ts'), "export const own = 'ts';"),
		{ own: 'ts' },
	],
	[
		'a file where an alias looks first',
		(dir) => writeFixture(dir, { files: { 'first/alias.ts': "export const alias = 'first';" } }),
		{ alias: 'first' },
	],
	[
		'what tsconfig.json extends',
		(dir) =>
			writeFileSync(
				join(dir, 'base.json'),
				'{ "compilerOptions": { "useDefineForClassFields": false, "paths": { "@/*": ["./second/*"] } } }',
			),
		{ set: 1 },
	],
	[
		'the main file of an ES module package',
		(dir) =>
			writeFileSync(
				join(dir, 'node_modules/esm/package.json'),
				'{ "name": "esm", "type": "module", "main": "two.js" }',
			),
		{ esm: 'two' },
	],
	[
		'the main file of a CommonJS package',
		(dir) => writeFileSync(join(dir, 'node_modules/cjs/package.json'), '{ "name": "cjs", "main": "two.js" }'),
		{ cjs: 'two' },
	],
	[
		'a file of a CommonJS package',
		(dir) => writeFileSync(join(dir, 'node_modules/cjs/one.js'), 'module.exports = 3;'),
		{ cjs: 3 as never },
	],
	[
		'where a link leads',
		(dir) => {
			rmSync(join(dir, 'node_modules/linked'));
			symlinkSync('../elsewhere/b', join(dir, 'node_modules/linked'));
		},
		{ linked: 'b' },
	],
	[
		'a package that moves a folder up',
		(dir) => {
			const other = join(dir, '../node_modules/esm');
			cpSync(join(dir, 'node_modules/esm'), other, { recursive: true });
			rmSync(join(dir, 'node_modules/esm'), { recursive: true });
			writeFileSync(join(other, 'one.js'), "export default 'above';");
		},
		{ esm: 'above' },
	],
	[
		'a package that comes a folder below',
		(dir) => {
			writeFixture(dir, {
				files: { 'own/helper.js': "export { default as own } from 'esm';" },
			});
		},
		{ own: 'one' },
	],
	[
		'a package.json that makes a package CommonJS',
		(dir) => {
			writeFileSync(join(dir, 'node_modules/esm/one.js'), "module.exports = 'now cjs';");
			writeFileSync(join(dir, 'node_modules/esm/package.json'), '{ "name": "esm", "main": "one.js" }');
		},
		{ esm: 'now cjs' },
	],
];

/** The changes of the short run: those that leave the plugin's own sources as they are. */
const telling = new Set([
	'a source, of the same size and time',
	'a file that wins over the one that was found',
	'a file where an alias looks first',
	'what tsconfig.json extends',
	'the main file of a CommonJS package',
	'where a link leads',
	'a package that moves a folder up',
]);

describe.each(runtimes)('what changed on disk is never missed, on %s', (runtime) => {
	test.each(changes.filter(([name]) => isLong || telling.has(name)))('%s', async (_name, change, after) => {
		const dir = writeFixture(join(mkdtempSync(join(scratch, 'c-')), 'project'), { files });
		const env = { ORCHESTRA_CERTS_DIR: certs, ORCHESTRA_CACHE_DIR: join(dir, '../cache') };
		const run = async () => {
			const { code, stdout, stderr } = await runCli(['call', dir, 'run', '--json'], { env, runtime });
			expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
			return JSON.parse(stdout);
		};
		expect(await run()).toEqual(before);
		change(dir);
		expect(await run()).toEqual({ ...before, ...after });
	});
});

test('times that change and contents that do not cost no compilation', async () => {
	const dir = writeFixture(join(mkdtempSync(join(scratch, 'c-')), 'project'), { files });
	const cache = join(dir, '../cache');
	const env = { ORCHESTRA_CERTS_DIR: certs, ORCHESTRA_CACHE_DIR: cache };
	await runCli(['call', dir, 'run'], { env });
	chmodSync(join(dir, 'plugin.ts'), 0o600);
	utimesSync(join(dir, 'own/helper.js'), new Date(), new Date());
	// A compiler that cannot be started: it is not asked.
	const broken = { ...env, ESBUILD_BINARY_PATH: '/nonexistent/esbuild' };
	expect(await runCli(['call', dir, 'run', '--json'], { env: broken })).toMatchObject({
		code: 0,
		stderr: '',
	});
});

describe('the cache is optional', () => {
	const simple = {
		'package.json': '{ "type": "module" }',
		'plugin.ts':
			"import { createPlugin } from 'orchestra-toolchain';\nexport default createPlugin('fixture').registerTool('run', { description: 'Runs.' }, () => ({ ok: true })).build();",
	};
	const project = () => writeFixture(join(mkdtempSync(join(scratch, 'o-')), 'project'), { files: simple });
	const right = { code: 0, stdout: '{"ok":true}\n', stderr: '' };

	/** The files of a cache that has one plugin in it. */
	function cached(cache: string) {
		const [name = ''] = readdirSync(join(cache, 'modules'));
		const folder = join(cache, 'modules', name);
		const module = readdirSync(folder).find((file) => file.endsWith('.mjs')) ?? '';
		return { folder, module: join(folder, module), entry: join(folder, 'entry.json') };
	}

	test.each([
		['a device', '/dev/null'],
		['under a device', '/dev/null/cache'],
		['where nothing can be made', '/proc/cache'],
	])('%s', async (_name, cache) => {
		const env = { ORCHESTRA_CERTS_DIR: certs, ORCHESTRA_CACHE_DIR: cache };
		for (const flags of [[], ['--spawn']]) {
			expect(await runCli(['call', project(), 'run', '--json', ...flags], { env })).toMatchObject(right);
		}
	});

	const damages: Array<[string, (files: ReturnType<typeof cached>) => void]> = [
		['cut short', ({ module }) => truncateSync(module, 100)],
		['emptied', ({ module }) => truncateSync(module, 0)],
		['gone', ({ module }) => rmSync(module)],
		['changed', ({ module }) => writeFileSync(module, 'export default 3;')],
		['without its record', ({ entry }) => rmSync(entry)],
		['with half a record', ({ entry }) => truncateSync(entry, 50)],
		['with a record of something else', ({ entry }) => writeFileSync(entry, '{"key":1,"sources":[]}')],
		['in a folder that others may write', ({ folder }) => chmodSync(join(folder, '..'), 0o777)],
	];
	test.each(isLong ? damages : damages.filter((_, i) => i % 3 === 0))(
		'a compiled module %s',
		async (_name, damage) => {
			const dir = project();
			const cache = join(dir, '../cache');
			const env = { ORCHESTRA_CERTS_DIR: certs, ORCHESTRA_CACHE_DIR: cache };
			expect(await runCli(['call', dir, 'run', '--json'], { env })).toMatchObject(right);
			damage(cached(cache));
			expect(await runCli(['call', dir, 'run', '--json'], { env })).toMatchObject(right);
		},
	);

	test('nothing that was planted in a folder of others is run', async () => {
		const dir = project();
		const cache = join(dir, '../cache');
		const env = { ORCHESTRA_CERTS_DIR: certs, ORCHESTRA_CACHE_DIR: cache };
		await runCli(['call', dir, 'run', '--json'], { env });
		const { module, entry } = cached(cache);
		const record = JSON.parse(readFileSync(entry, 'utf8'));
		const planted = "console.log('planted');";
		const sum = createHash('sha256').update(planted).digest('base64url');
		const file = `${sum.slice(0, 24)}.mjs`;
		writeFileSync(join(module, '..', file), planted);
		writeFileSync(entry, JSON.stringify({ ...record, file, checksum: sum }));
		chmodSync(join(cache, 'modules'), 0o777);
		expect(await runCli(['call', dir, 'run', '--json'], { env })).toMatchObject(right);
	});

	test('what was compiled the longest ago makes room', async () => {
		const dir = project();
		const cache = join(dir, '../cache');
		const env = { ORCHESTRA_CERTS_DIR: certs, ORCHESTRA_CACHE_DIR: cache };
		mkdirSync(join(cache, 'modules'), { recursive: true, mode: 0o700 });
		chmodSync(cache, 0o700);
		for (const [name, days] of [
			['older', 2],
			['newer', 1],
		] as const) {
			const folder = join(cache, 'modules', name);
			mkdirSync(folder);
			// Nothing but its size: 100 MB.
			writeFileSync(join(folder, 'x.mjs'), '');
			truncateSync(join(folder, 'x.mjs'), 100e6);
			const time = Date.now() / 1000 - days * 86_400;
			utimesSync(folder, time, time);
		}
		expect(await runCli(['call', dir, 'run', '--json'], { env })).toMatchObject(right);
		const kept = readdirSync(join(cache, 'modules'));
		expect(kept).toHaveLength(2);
		expect(kept).toContain('newer');
	});

	const onlyLong = isLong ? test : undefined;
	onlyLong?.('only a few versions of a plugin are kept', async () => {
		const dir = project();
		const cache = join(dir, '../cache');
		const env = { ORCHESTRA_CERTS_DIR: certs, ORCHESTRA_CACHE_DIR: cache };
		for (let i = 0; i < 6; i++) {
			writeFileSync(join(dir, 'plugin.ts'), simple['plugin.ts'].replace('true', `${i}`));
			const { stdout } = await runCli(['call', dir, 'run', '--json'], { env });
			expect(JSON.parse(stdout)).toEqual({ ok: i });
		}
		const { folder } = cached(cache);
		expect(readdirSync(folder).filter((name) => name.endsWith('.mjs'))).toHaveLength(4);
	});
});
