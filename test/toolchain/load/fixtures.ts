// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the fixtures are source code
import { fileURLToPath } from 'node:url';
import { findQuicBinding } from '../../../src/toolchain/bundle/quic-binding.ts';

/** A plugin as somebody has it on disk, and what its tool `run` answers however it is run. */
export interface Fixture {
	readonly name: string;
	/** Contents by path. A value that begins with `link:` is a link to what follows. */
	readonly files: Readonly<Record<string, string>>;
	/** The result; undefined where it cannot be run at all. */
	readonly result?: Record<string, unknown>;
	/** What the error says, where a single file cannot hold it; the other ways give the result all the same. */
	readonly buildError?: RegExp;
	/** What the error says wherever it is run. */
	readonly error?: RegExp;
	/** The folder of the plugin, where it is not the topmost. */
	readonly folder?: string;
	/** Whether it belongs to the short run. */
	readonly short?: boolean;
}

const esm = '{ "type": "module" }';

/** A plugin module whose tool returns a value. */
function plugin(value: string, before = '', head = ''): string {
	return `${head}import { createPlugin } from 'orchestra-toolchain';\n${before}\nexport default createPlugin('fixture').registerTool('run', { description: 'Runs.' }, async () => (${value})).build();\n`;
}

/** A package under node_modules. */
function pack(name: string, manifest: Record<string, unknown>, files: Record<string, string>) {
	const folder = `node_modules/${name}`;
	return Object.fromEntries([
		[`${folder}/package.json`, JSON.stringify({ name, version: '1.0.0', ...manifest })],
		...Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]),
	]);
}

const modules = fileURLToPath(new URL('../../../node_modules/', import.meta.url));

/** Links to packages of this project. */
function installed(...names: string[]) {
	return Object.fromEntries(names.map((name) => [`node_modules/${name}`, `link:${modules}${name}`]));
}

const binding = findQuicBinding();

/** A package whose only file is a native addon, where this machine has one. */
const addon: Fixture[] =
	binding === undefined
		? []
		: [
				{
					name: 'a native addon',
					files: {
						'package.json': esm,
						'plugin.ts': plugin('{ v: typeof native.Config }', "import native from 'native';"),
						'node_modules/native/package.json': '{ "name": "native", "main": "index.js" }',
						'node_modules/native/index.js': "module.exports = require('./addon.node');",
						'node_modules/native/addon.node': `link:${binding}`,
					},
					result: { v: 'function' },
				},
			];

const wrapped = { exports: { import: './w.mjs', require: './i.js' } };

export const fixtures: readonly Fixture[] = [
	...addon,
	{
		name: 'ws, pg, commander and pino',
		short: true,
		files: {
			'package.json': esm,
			'plugin.ts': plugin(
				"{ ws: [typeof WebSocket, typeof WebSocketServer, WebSocket.OPEN], pg: [typeof pg.Pool, typeof Client, pg.types.builtins.BOOL], commander: new Command('x').option('-a, --all').parse(['--all'], { from: 'user' }).opts(), pino: typeof pino({ enabled: false }).info }",
				"import WebSocket, { WebSocketServer } from 'ws';\nimport pg, { Client } from 'pg';\nimport { Command } from 'commander';\nimport { pino } from 'pino';",
			),
			...installed('ws', 'pg', 'commander', 'pino'),
		},
		result: {
			ws: ['function', 'function', 1],
			pg: ['function', 'function', 16],
			commander: { all: true },
			pino: 'function',
		},
	},
	{
		name: 'protobufjs, ajv, fast-check and zod',
		files: {
			'package.json': esm,
			'plugin.ts': plugin(
				"{ pb: typeof protobuf.parse, ajv: new Ajv().validate({ type: 'string' }, 'x'), fc: typeof fc.assert, zod: z.string().parse('x') }",
				"import protobuf from 'protobufjs';\nimport { Ajv } from 'ajv';\nimport fc from 'fast-check';\nimport { z } from 'zod';",
			),
			...installed('protobufjs', 'ajv', 'fast-check', 'zod'),
		},
		result: { pb: 'function', ajv: true, fc: 'function', zod: 'x' },
	},
	{
		name: 'an ESM wrapper of CommonJS with an optional require',
		short: true,
		files: {
			'package.json': esm,
			'plugin.ts': plugin('{ v: m.v, has: m.has }', "import m from 'dual';"),
			...pack('dual', wrapped, {
				'w.mjs': "import m from './i.js';\nexport default m;",
				'i.js':
					"let has = true; try { require('absent-thing') } catch { has = false }\nmodule.exports = { v: 1, has };",
			}),
		},
		result: { v: 1, has: false },
	},
	{
		name: 'an ESM wrapper of CommonJS that exports one of Node’s modules',
		files: {
			'package.json': esm,
			'plugin.ts': plugin('{ on: typeof new E().on }', "import E from 'dual';"),
			...pack('dual', wrapped, {
				'w.mjs': "import m from './i.js';\nexport default m;",
				'i.js': "module.exports = require('node:events');",
			}),
		},
		result: { on: 'function' },
	},
	{
		name: 'CommonJS with named exports, one of which is computed',
		files: {
			'package.json': esm,
			'plugin.ts': plugin('{ a, b: all.b }', "import all, { a } from 'plain';"),
			...pack('plain', { main: 'lib' }, { 'lib/index.js': "exports.a = 1; exports['b'.trim()] = 2;" }),
		},
		result: { a: 1, b: 2 },
	},
	{
		name: 'code that is not strict in a package',
		files: {
			'package.json': esm,
			'plugin.ts': plugin('{ n: sloppy.n() }', "import sloppy from 'sloppy';"),
			...pack('sloppy', {}, { 'index.js': 'exports.n = function () { with ({ n: 3 }) { return n; } };' }),
		},
		result: { n: 3 },
		buildError: /[Ww]ith statements|strict/,
	},
	{
		name: 'JSON with import attributes, from a package and of its own',
		short: true,
		files: {
			'package.json': esm,
			'own.json': '{ "own": true }',
			'plugin.mjs': plugin(
				'{ version: p.version, ...own }',
				"import p from 'dep/package.json' with { type: 'json' };\nimport own from './own.json' with { type: 'json' };",
			),
			...pack('dep', {}, { 'index.js': '' }),
		},
		result: { version: '1.0.0', own: true },
	},
	{
		name: 'own JavaScript behind an alias of tsconfig.json',
		short: true,
		files: {
			'package.json': '{}',
			'tsconfig.json': '{\n// a comment\n"compilerOptions": { "paths": { "@/*": ["./src/*"] } }, }',
			'src/a.js': 'export const a = 5;',
			'plugin.ts': plugin('{ a }', "import { a } from '@/a.js';"),
		},
		result: { a: 5 },
	},
	{
		name: 'aliases that are extended from elsewhere',
		files: {
			'package.json': esm,
			'config/base.json': '{ "compilerOptions": { "baseUrl": "..", "paths": { "lib/*": ["code/*"] } } }',
			'tsconfig.json': '{ "extends": "./config/base.json" }',
			'code/deep/b.ts': 'export const b: number = 6;',
			'plugin.ts': plugin('{ b }', "import { b } from 'lib/deep/b';"),
		},
		result: { b: 6 },
	},
	{
		name: 'a workspace that is linked, in TypeScript',
		folder: 'packages/app',
		files: {
			'package.json': '{ "workspaces": ["packages/*"] }',
			'packages/lib/package.json': '{ "name": "@acme/lib", "type": "module", "exports": "./index.ts" }',
			'packages/lib/index.ts':
				'export const where = new URL(import.meta.url).pathname.split("/").slice(-2).join("/");',
			'packages/app/package.json': esm,
			'packages/app/plugin.ts': plugin('{ where: typeof where }', "import { where } from '@acme/lib';"),
			'node_modules/@acme/lib': 'link:../../packages/lib',
		},
		result: { where: 'string' },
	},
	{
		name: 'packages as pnpm links them',
		files: {
			'package.json': esm,
			'plugin.ts': plugin('{ v }', "import v from 'outer';"),
			'node_modules/.pnpm/outer@1/node_modules/outer/package.json':
				'{ "name": "outer", "type": "module", "main": "o.js" }',
			'node_modules/.pnpm/outer@1/node_modules/outer/o.js':
				"import inner from 'inner';\nexport default inner + 1;",
			'node_modules/.pnpm/inner@1/node_modules/inner/package.json': '{ "name": "inner", "main": "i.js" }',
			'node_modules/.pnpm/inner@1/node_modules/inner/i.js': 'module.exports = 1;',
			'node_modules/.pnpm/outer@1/node_modules/inner': 'link:../../inner@1/node_modules/inner',
			'node_modules/outer': 'link:.pnpm/outer@1/node_modules/outer',
		},
		result: { v: 2 },
	},
	{
		name: 'JSX in the entry, by tsconfig.json',
		short: true,
		files: {
			'package.json': '{ "type": "module", "main": "plugin.tsx" }',
			'tsconfig.json': '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h" } }',
			'plugin.tsx': plugin(
				'{ v: <a b="c">d</a> }',
				'const h = (tag: string, attrs: object, text: string) => `${tag} ${JSON.stringify(attrs)} ${text}`;\ndeclare global { namespace JSX { interface IntrinsicElements { a: object } } }',
			),
		},
		result: { v: 'a {"b":"c"} d' },
	},
	{
		name: 'decorators of the old kind, in the entry',
		short: true,
		files: {
			'package.json': esm,
			'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true } }',
			'plugin.ts': plugin(
				'{ seen }',
				'const seen: string[] = [];\nfunction d(_t: object, key: string) { seen.push(key); }\nclass A { @d one() {} }\nnew A();',
			),
		},
		result: { seen: ['one'] },
	},
	{
		name: 'class fields that are assigned, in the entry',
		short: true,
		files: {
			'package.json': esm,
			'tsconfig.json': '{ "compilerOptions": { "useDefineForClassFields": false, "target": "es2021" } }',
			'plugin.ts': plugin(
				'{ set: new B().log, keys: Object.keys(new B()) }',
				'class A { log: string[] = []; set x(v: number) { this.log.push(`set ${v}`); } }\n// @ts-ignore\nclass B extends A { x = 1; }',
			),
		},
		result: { set: ['set 1'], keys: ['log'] },
	},
	{
		name: 'class fields that are defined',
		files: {
			'package.json': esm,
			'plugin.mjs': plugin(
				'{ log: new B().log, x: new B().x }',
				'class A { log = []; set x(v) { this.log.push(v); } }\nclass B extends A { x = 1; }',
			),
		},
		result: { log: [], x: 1 },
	},
	{
		name: 'enums, namespaces and parameter properties',
		files: {
			'package.json': esm,
			'plugin.ts': plugin(
				'{ a: E.B, n: N.v, p: new P(4).x, c: C.X }',
				'enum E { A = 1, B }\nnamespace N { export const v = 3; }\nclass P { constructor(readonly x: number) {} }\nconst enum C { X = "x" }',
			),
		},
		result: { a: 2, n: 3, p: 4, c: 'x' },
	},
	{
		name: 'names of classes that two files share',
		files: {
			'package.json': esm,
			'a.ts': 'export class NotFound extends Error {}',
			'b.ts': 'export class NotFound extends Error {}',
			'plugin.ts': plugin(
				'{ a: a.NotFound.name, b: b.NotFound.name }',
				"import * as a from './a.js';\nimport * as b from './b.js';",
			),
		},
		result: { a: 'NotFound', b: 'NotFound' },
	},
	{
		name: 'a file beside the source, by import.meta.url',
		files: {
			'package.json': esm,
			'text.txt': 'hello',
			'plugin.ts': plugin(
				"{ text: readFileSync(new URL('./text.txt', import.meta.url), 'utf8') }",
				"import { readFileSync } from 'node:fs';",
			),
		},
		result: { text: 'hello' },
	},
	{
		name: 'a file of a package, by __dirname',
		files: {
			'package.json': esm,
			'plugin.ts': plugin('{ size: font.size() }', "import font from 'font';"),
			...pack(
				'font',
				{},
				{
					'font.ttf': 'abc',
					'index.js':
						"const fs = require('fs');\nexports.size = () => fs.readFileSync(__dirname + '/font.ttf').length;",
				},
			),
		},
		result: { size: 3 },
	},
	{
		name: 'top-level await, and an import that is lazy',
		short: true,
		files: {
			'package.json': esm,
			'lazy.ts': 'export const lazy = 7;',
			'plugin.ts': plugin(
				"{ ready, lazy: (await import('./lazy.js')).lazy }",
				'const ready = await Promise.resolve(8);',
			),
		},
		result: { ready: 8, lazy: 7 },
	},
	{
		name: 'a CommonJS plugin',
		short: true,
		files: {
			'package.json': '{ "main": "plugin.js" }',
			'plugin.js':
				"'use strict';\nconst { createPlugin } = require('orchestra-toolchain');\nconst other = require('./other');\nmodule.exports = createPlugin('fixture').registerTool('run', { description: 'Runs.' }, () => ({ other, dir: typeof __dirname })).build();",
			'other.js': 'exports.n = 9;',
		},
		result: { other: { n: 9 }, dir: 'string' },
	},
	{
		name: 'a plugin that TypeScript compiled to CommonJS',
		files: {
			'package.json': '{ "main": "dist/plugin" }',
			'dist/plugin.js':
				"\"use strict\";\nObject.defineProperty(exports, '__esModule', { value: true });\nconst o = require('orchestra-toolchain');\nexports.default = o.createPlugin('fixture').registerTool('run', { description: 'Runs.' }, () => ({ ok: true })).build();",
		},
		result: { ok: true },
	},
	{
		name: 'a .cjs and a computed require',
		files: {
			'package.json': esm,
			'parts/one.cjs': 'module.exports = 1;',
			'list.cjs':
				"const name = ['one'];\nmodule.exports = name.map((n) => require('./parts/' + n + '.cjs'));",
			'plugin.mjs': plugin('{ list }', "import list from './list.cjs';"),
		},
		result: { list: [1] },
	},
	{
		name: 'import.meta.resolve of a package',
		short: true,
		files: {
			'package.json': esm,
			'plugin.mjs': plugin(
				"{ url: import.meta.resolve('dep').split('/').slice(-2).join('/'), own: import.meta.resolve('./x.js').endsWith('/x.js') }",
			),
			...pack('dep', { type: 'module', exports: './e.js' }, { 'e.js': 'export {};' }),
		},
		result: { url: 'dep/e.js', own: true },
		buildError: /dep/,
	},
	{
		name: 'import.meta of two files that are joined',
		files: {
			'package.json': esm,
			'sub/b.ts': 'export const [file, dir] = [import.meta.filename, import.meta.dirname];',
			'plugin.ts': plugin(
				"{ file: typeof file, dir: typeof dir, url: import.meta.url.startsWith('file:') }",
				"import { file, dir } from './sub/b.ts';",
			),
		},
		result: { file: 'string', dir: 'string', url: true },
	},
	{
		name: 'byte order marks in package.json and in a source',
		short: true,
		files: {
			'package.json': `\ufeff${esm}`,
			'plugin.js': plugin('{ v, url: typeof import.meta.url }', "import v from 'dep';", '\ufeff'),
			'node_modules/dep/package.json': '\ufeff{ "name": "dep", "type": "module", "main": "d.js" }',
			'node_modules/dep/d.js': '\ufeffexport default 4;',
		},
		result: { v: 4, url: 'string' },
	},
	{
		name: 'a hashbang that ends in CRLF above import.meta',
		short: true,
		files: {
			'package.json': esm,
			'plugin.ts': plugin('{ url: typeof import.meta.url }', '', '#!/usr/bin/env node\r\n').replaceAll(
				/(?<!\r)\n/g,
				'\r\n',
			),
		},
		result: { url: 'string' },
	},
	{
		name: 'a folder with odd characters',
		short: true,
		folder: "a*b [c] {d} ' #e ü",
		files: {
			"a*b [c] {d} ' #e ü/package.json": esm,
			"a*b [c] {d} ' #e ü/other.ts": 'export const where: string = import.meta.dirname;',
			"a*b [c] {d} ' #e ü/plugin.ts": plugin(
				'{ where: typeof where }',
				"import { where } from './other.ts';",
			),
		},
		result: { where: 'string' },
	},
	{
		name: 'imports of its own package, by name and by #',
		files: {
			'package.json':
				'{ "name": "me", "type": "module", "exports": { "./x": "./src/x.ts" }, "imports": { "#y": "./src/y.ts" } }',
			'src/x.ts': 'export const x = 1;',
			'src/y.ts': 'export const y = 2;',
			'plugin.ts': plugin('{ x, y }', "import { x } from 'me/x';\nimport { y } from '#y';"),
		},
		result: { x: 1, y: 2 },
	},
	{
		name: 'a package with conditions: node and module',
		files: {
			'package.json': esm,
			'plugin.ts': plugin('{ v }', "import v from 'cond';"),
			...pack(
				'cond',
				{ type: 'module', exports: { module: './m.js', node: './n.js', default: './d.js' } },
				{
					'm.js': "export default 'module';",
					'n.js': "export default 'node';",
					'd.js': "export default 'default';",
				},
			),
		},
		result: { v: 'node' },
	},
	{
		name: 'an ES module package that requires by createRequire',
		files: {
			'package.json': esm,
			'plugin.ts': plugin('{ v }', "import { v } from 'mixed';"),
			...pack(
				'mixed',
				{ type: 'module', exports: './e.js' },
				{
					'e.js':
						"import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);\nexport const v = require('./c.cjs');",
					'c.cjs': 'module.exports = 11;',
				},
			),
		},
		result: { v: 11 },
	},
	{
		name: 'circular imports of its own',
		files: {
			'package.json': esm,
			'a.ts':
				"import { b } from './b.js';\nexport function a(n: number): number { return n === 0 ? 0 : b(n - 1) + 1; }",
			'b.ts':
				"import { a } from './a.js';\nexport function b(n: number): number { return n === 0 ? 0 : a(n - 1) + 1; }",
			'plugin.ts': plugin('{ n: a(5) }', "import { a } from './a.js';"),
		},
		result: { n: 5 },
	},
	{
		name: 'Node’s modules by their short names',
		files: {
			'package.json': esm,
			'plugin.ts': plugin(
				'{ sep, p: typeof readFile }',
				"import { sep } from 'path';\nimport { readFile } from 'fs/promises';",
			),
		},
		result: { sep: '/', p: 'function' },
	},
	{
		name: 'a native addon that is not there, loaded lazily',
		files: {
			'package.json': esm,
			'plugin.ts': plugin('{ v: native.v }', "import native from 'native';"),
			...pack(
				'native',
				{},
				{
					'index.js':
						"let v = 'js'; try { v = require(require('path').join(__dirname, 'build', 'x.node')); } catch {}\nexports.v = v;",
				},
			),
		},
		result: { v: 'js' },
	},
	{
		name: 'a plugin whose builder nobody called build() on',
		files: {
			'package.json': esm,
			'plugin.ts': plugin('{ ok: 1 }').replace('.build()', ''),
		},
		result: { ok: 1 },
	},
	{
		name: 'a dependency that is not installed',
		short: true,
		files: { 'package.json': esm, 'plugin.ts': plugin('{}', "import x from 'not-installed';\nx();") },
		error: /plugin\.ts:2:\d+: Could not resolve "not-installed"/,
	},
	{
		name: 'a syntax error',
		files: { 'package.json': esm, 'plugin.ts': `${plugin('{}')}\nconst = 3;` },
		error: /plugin\.ts:5:\d+: [\s\S]*const = 3;/,
	},
	{
		name: 'a module that throws',
		files: {
			'package.json': esm,
			'deep.ts': '\n\nthrow new Error("unwell");',
			'plugin.ts': plugin('{}', "import './deep.js';"),
		},
		error: /unwell/,
	},
	{
		name: 'a module without a plugin',
		files: { 'package.json': esm, 'plugin.ts': 'export const a = 1;' },
		error: /has no plugin: it has no default export/,
	},
];
