import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { transform } from 'esbuild';
import { expect, test } from 'vitest';
import { connectInProcess } from '../../../src/runtime/carrier/memory/memory-connection.ts';
import type { PluginClient } from '../../../src/runtime/client/plugin-client.ts';
import { createClient } from '../../../src/runtime/client/plugin-client.ts';
import { createDispatcher, loneServices } from '../../../src/runtime/host.ts';
import { createPlugin } from '../../../src/runtime/index.ts';
import { writeClient } from '../../../src/toolchain/client-types/write-client.ts';
import { goBinaries } from '../../interop/support/go-binaries.ts';
import { projectRoot, runCli } from '../../support/run-cli.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { writeFiles } from '../write-files.ts';

const scratch = scratchFolder('types');
const env = { ORCHESTRA_CERTS_DIR: join(scratch, 'certs'), ORCHESTRA_CACHE_DIR: join(scratch, 'cache') };

const go = await goBinaries();

const tool = (name: string, inputSchema: object, more: object = {}) => ({
	name,
	description: `The tool ${name}.`,
	inputSchema: inputSchema as never,
	streaming: false,
	...more,
});

let deep: object = { type: 'string' };
for (let i = 0; i < 500; i++) deep = { type: 'object', properties: { deeper: deep } };

/** Names and schemas that try to be something else than names and types. */
const hostile = writeClient({
	name: '9 */ lives',
	command: 'orchestra types `x`\nimport "evil"',
	tools: [
		tool('then', { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }),
		tool('__proto__', {}),
		tool('constructor', { type: 'object', additionalProperties: false }),
		tool('say hello', {
			type: 'object',
			properties: { 'a"b\\': { type: 'string' }, '\u2028\n': { const: '*/' } },
		}),
		tool('say-hello', true as never),
		tool(
			'💥',
			{ type: 'object', properties: { __proto__x: false, odd: { type: 'nummer' } } },
			{ description: '*/ export const x = 1; /*\u202e' },
		),
		tool('class', { $ref: '#' }),
		tool('loop', {
			$ref: '#/$defs/a',
			$defs: {
				a: { anyOf: [{ $ref: '#/$defs/b' }, { type: 'string' }] },
				b: { allOf: [{ $ref: '#/$defs/a' }] },
			},
		}),
		tool('tree', {
			type: 'object',
			properties: { root: { $ref: '#/definitions/node' }, gone: { $ref: '#/definitions/gone' } },
			required: ['root', 'unlisted'],
			definitions: {
				node: {
					type: 'object',
					properties: {
						name: { type: 'string' },
						children: { type: 'array', items: { $ref: '#/definitions/node' } },
					},
					required: ['name'],
				},
			},
		}),
		tool('deep', deep),
		tool('mixed', {
			type: 'object',
			properties: {
				kind: { enum: ['a', 'b', null, -1, { x: [1] }] },
				pair: {
					type: 'array',
					prefixItems: [{ type: 'string' }, { type: 'number' }],
					items: false,
					minItems: 2,
				},
				old: { type: 'array', items: [{ type: 'string' }], additionalItems: { type: 'boolean' } },
				maybe: { type: ['string', 'null'], nullable: true },
				limit: { type: 'integer', default: 3 },
			},
			required: ['kind', 'limit'],
			additionalProperties: { type: 'number' },
		}),
		tool(
			'JsonObject',
			{ type: 'object' },
			{ outputSchema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] } },
		),
		tool('twice', {}, { plugin: 'one' }),
		tool('twice', {}, { plugin: 'two', streaming: true }),
	],
	prompts: [
		{
			name: 'then',
			description: 'A prompt.',
			arguments: [
				{ name: 'a-b', description: '*/', required: true },
				{ name: 'a-b', description: '', required: false },
			],
		},
		{ name: '', description: '', arguments: [] },
	],
});

/** Programs that use what was written; each line below `@ts-expect-error` is wrong, and has to be found so. */
const uses: Record<string, string> = {
	'use-weather.ts': `
		import type { PluginClient } from 'orchestra-toolchain/client';
		import { weatherClient } from './weather.ts';
		export async function use(client: PluginClient) {
			const weather = weatherClient(client);
			await weather.forecast({ city: 'Oslo' });
			const result = await weather.forecast({ city: 'Oslo', days: 3 }, { timeoutMs: 5 });
			result.anything;
			// @ts-expect-error the city is missing
			await weather.forecast({ days: 3 });
			// @ts-expect-error days are a number
			await weather.forecast({ city: 'Oslo', days: '3' });
			// @ts-expect-error it has no such argument
			await weather.forecast({ city: 'Oslo', dais: 3 });
			// @ts-expect-error it has no such tool
			weather.forecasts;
		}`,
	'use-hostile.ts': `
		import type { PluginClient } from 'orchestra-toolchain/client';
		import * as written from './hostile.ts';
		export async function use(client: PluginClient) {
			const hostile = written._9LivesClient(client);
			await hostile.tree({ root: { name: 'a', children: [{ name: 'b' }] }, unlisted: 1 });
			// @ts-expect-error the inner one has no name
			await hostile.tree({ root: { name: 'a', children: [{}] }, unlisted: 1 });
			await hostile.mixed({ kind: 'a', pair: ['x', 1], old: ['x', true], maybe: null, more: 4 });
			// @ts-expect-error a list of two
			await hostile.mixed({ kind: 'a', pair: ['x'] });
			const { ok } = await hostile.JsonObject_2();
			const is: boolean = ok;
			await hostile.then_({ n: 1 });
			await written._9LivesPrompts(client).then_({ 'a-b': 'x' });
			return is;
		}`,
};

test('what is written for any plugin is right by TypeScript, and holds its users to the schemas', async () => {
	const weather = join(scratch, 'weather.ts');
	const { code, stdout, stderr } = await runCli(['types', 'examples/weather', '--out', weather], { env });
	expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
	expect(stdout).toMatch(/: 1 tool$/m);
	if (!go.missing) {
		const written = await runCli(['types', go.plugin, '--json'], { env });
		expect(written).toMatchObject({ code: 0, stderr: '' });
		const { source, tools } = JSON.parse(written.stdout) as { source: string; tools: number };
		expect(tools).toBeGreaterThan(3);
		writeFiles(scratch, { 'go.ts': source });
	}
	writeFiles(scratch, {
		'hostile.ts': hostile,
		...uses,
		'package.json': '{ "type": "module" }',
		'tsconfig.json': JSON.stringify({
			compilerOptions: {
				target: 'es2023',
				lib: ['es2023', 'esnext.disposable'],
				module: 'nodenext',
				strict: true,
				exactOptionalPropertyTypes: true,
				noUncheckedIndexedAccess: true,
				noUnusedLocals: true,
				noEmit: true,
				skipLibCheck: true,
				allowImportingTsExtensions: true,
				verbatimModuleSyntax: true,
				typeRoots: [join(projectRoot, 'node_modules/@types')],
				types: ['node'],
				paths: { 'orchestra-toolchain/client': [join(projectRoot, 'dist/runtime/client.d.ts')] },
			},
			include: ['*.ts'],
		}),
	});
	const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
	const checked = spawnSync(process.execPath, [tsc, '-p', scratch, '--pretty', 'false'], {
		encoding: 'utf8',
	});
	expect(checked.stdout + checked.stderr).toBe('');
});

test('nothing in a name or a description gets out of its place', () => {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
	expect(hostile).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u2028\u2029\u202e]/);
	expect(hostile).not.toMatch(/^export const/m);
	expect(hostile).not.toMatch(/^import "evil"/m);
});

test('a written client calls what it says, under the names that the plugin has', async () => {
	const plugin = createPlugin('names')
		.registerTool('say-hello', { description: 'Says hello.' }, (args) => ({ got: args as never }))
		.registerStreamingTool('count', { description: 'Counts.' }, async function* () {
			yield 'one';
		})
		.registerPrompt(
			'greet',
			{ description: 'Greets.', arguments: [{ name: 'who', required: true }] },
			({ who }) => `hi ${who}`,
		)
		.build();
	await using client = createClient(
		connectInProcess(
			createDispatcher(
				plugin,
				loneServices('names', () => {}),
			).handle,
			{
				callerName: 'test',
				plugin: 'names',
			},
		),
	);
	const [tools, prompts] = await Promise.all([client.listTools(), client.listPrompts()]);
	const source = writeClient({ name: 'names', command: 'x', tools, prompts });
	const { code } = await transform(source, { loader: 'ts', format: 'esm' });
	const written = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as Record<
		string,
		(client: PluginClient) => Record<string, (args?: object) => never>
	>;
	const typed = written.namesClient?.(client);
	expect(await typed?.sayHello?.({ a: 1 })).toEqual({ got: { a: 1 } });
	const chunks: string[] = [];
	const counted = typed?.count?.() as unknown as AsyncIterable<{ data: Uint8Array }>;
	for await (const { data } of counted) chunks.push(Buffer.from(data).toString());
	expect(chunks).toEqual(['one']);
	expect(JSON.stringify(await written.namesPrompts?.(client).greet?.({ who: 'Ada' }))).toContain('hi Ada');
});

test('a file that cannot be written is said', async () => {
	const out = join(scratch, 'nowhere/client.ts');
	const { code, stderr } = await runCli(['types', 'examples/weather', '--out', out, '--json'], { env });
	expect(code).toBe(1);
	expect(JSON.parse(stderr).error).toMatchObject({ code: 'output_failed' });
	expect(() => readFileSync(out)).toThrow();
});
