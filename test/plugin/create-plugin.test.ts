import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { isPlugin, pluginInterfaceVersion } from '../../src/runtime/plugin/definition/plugin.ts';

const any = { description: 'anything' };

describe('the builder', () => {
	test('puts into the manifest what it is told and what is registered, each name once', () => {
		const { manifest } = createPlugin('tools.weather')
			.version('1.2.3')
			.description('Weather.')
			.author('Ada')
			.binary('bin/weather')
			.providesTools('forecast')
			.providesStorage('markdown', 'markdown')
			.providesTransport('http')
			.providesAi('claude')
			.providesEvents('weather')
			.needsTools('geocode')
			.needsStorage('cache')
			.needsEvents('places')
			.needsAi('openai')
			.registerTool('forecast', any, () => 1)
			.registerStreamingTool('watch', any, async function* () {})
			.registerPrompt('ask', any, () => 'text')
			.subscribe('places', () => {})
			.subscribe('storms', () => {})
			.build();
		expect(manifest).toEqual({
			id: 'tools.weather',
			version: '1.2.3',
			language: 'typescript',
			description: 'Weather.',
			author: 'Ada',
			binary: 'bin/weather',
			providesTools: ['forecast', 'watch'],
			providesEvents: ['weather'],
			providesStorage: ['markdown'],
			providesTransport: ['http'],
			providesAi: ['claude'],
			providesPrompts: ['ask'],
			needsStorage: ['cache'],
			needsEvents: ['places', 'storms'],
			needsAi: ['openai'],
			needsTools: ['geocode'],
			args: [],
			env: {},
		});
	});

	test('takes a snapshot with each build', () => {
		const builder = createPlugin('p').registerTool('a', any, () => 1);
		const first = builder.build();
		const second = builder.registerTool('b', any, () => 2).build();
		expect([...first.tools.keys()]).toEqual(['a']);
		expect(first.manifest.providesTools).toEqual(['a']);
		expect([...second.tools.keys()]).toEqual(['a', 'b']);
	});

	test('gives a manifest of its own to everybody who asks', () => {
		const plugin = createPlugin('p')
			.registerTool('a', any, () => 1)
			.build();
		plugin.manifest.providesTools?.push('smuggled');
		expect(plugin.manifest.providesTools).toEqual(['a']);
	});

	test('keeps where to listen, whom to register with and where certificates are', () => {
		const { settings } = createPlugin('p')
			.listenAddr('localhost:7000')
			.orchestratorAddr('localhost:50100')
			.certsDir('/certs')
			.build();
		expect(settings).toEqual({
			listenAddr: 'localhost:7000',
			orchestratorAddr: 'localhost:50100',
			certsDir: '/certs',
		});
	});

	test('exports the parts of a plugin', () => {
		const lifecycle = {};
		const exported = createPlugin('p')
			.lifecycle(lifecycle)
			.registerTool('add', { description: 'Adds.', input: z.object({ a: z.number() }) }, ({ a }) => a + 1)
			.registerStreamingTool('count', any, async function* () {})
			.registerPrompt('ask', any, () => 'text')
			.export();
		expect(exported.id).toBe('p');
		expect(exported.manifest.providesTools).toEqual(['add', 'count']);
		expect(exported.tools.map(({ name, description }) => [name, description])).toEqual([['add', 'Adds.']]);
		expect(exported.tools[0]?.inputSchema).toMatchObject({ type: 'object', required: ['a'] });
		expect(exported.streamTools.map(({ name }) => name)).toEqual(['count']);
		expect(exported.prompts.map(({ name }) => name)).toEqual(['ask']);
		expect(exported.subscriptions).toEqual([]);
		expect(exported.storageHandler).toBeUndefined();
		expect(exported.lifecycle).toBe(lifecycle);
	});

	test('refuses a plugin that says it provides a tool it does not have', () => {
		expect(() => createPlugin('p').providesTools('ghost').build()).toThrow(
			expect.objectContaining({
				code: 'invalid_plugin',
				message: 'plugin p provides tool ghost but does not have it',
			}),
		);
	});
});

describe('what is wrong is said at once', () => {
	const builder = () =>
		createPlugin('shop')
			.registerTool('buy', any, () => 1)
			.registerPrompt('greet', any, () => '');

	test.each([
		'',
		'../x',
		'a/b',
		'ca',
		'orchestrator',
		'orchestrator-to-x',
		'mail-client',
		'a b',
		'x'.repeat(65),
	])('the plugin id %j', (id) => {
		expect(() => createPlugin(id)).toThrow(expect.objectContaining({ code: 'invalid_plugin' }));
	});

	test.each(['', 'a b', 'a=b', 'ä', 'x'.repeat(129), '../x'])('the tool name %j', (name) => {
		expect(() => builder().registerTool(name, any, () => 1)).toThrow(
			expect.objectContaining({ code: 'invalid_plugin', message: expect.stringContaining('plugin shop') }),
		);
	});

	test('a name that is taken, by a tool of either kind', () => {
		const duplicate = expect.objectContaining({
			code: 'duplicate_tool',
			message: 'plugin shop has a tool buy already',
		});
		expect(() => builder().registerTool('buy', any, () => 1)).toThrow(duplicate);
		expect(() => builder().registerStreamingTool('buy', any, async function* () {})).toThrow(duplicate);
		expect(() => builder().registerPrompt('greet', any, () => '')).toThrow(
			expect.objectContaining({ code: 'duplicate_prompt' }),
		);
	});

	test.each([
		['a text', 'string'],
		['null', null],
		['an array', []],
		['a schema of something else than an object', { type: 'string' }],
		['a zod schema of something else than an object', z.string()],
		['properties that are no object', { properties: [] }],
		['required that is no list of names', { required: [1] }],
		['a value that is no JSON', { default: 1n }],
		['a zod type that JSON Schema does not have', z.object({ when: z.date() })],
		[
			'a Standard Schema of another version',
			{ '~standard': { version: 2, vendor: 'x', validate: () => ({}) } },
		],
	])('an input schema that is %s', (_, input) => {
		expect(() => builder().registerTool('sell', { ...any, input: input as never }, () => 1)).toThrow(
			expect.objectContaining({
				code: 'invalid_schema',
				message: expect.stringContaining('tool sell of plugin shop'),
			}),
		);
	});

	test('a handler that is none', () => {
		expect(() => builder().registerTool('sell', any, undefined as never)).toThrow(
			expect.objectContaining({ code: 'invalid_plugin', message: 'tool sell in plugin shop has no handler' }),
		);
		expect(() => builder().registerTool('sell', (() => 1) as never, undefined as never)).toThrow(
			expect.objectContaining({ code: 'invalid_plugin' }),
		);
		expect(() => builder().setStorageHandler({ read: () => undefined } as never)).toThrow(
			expect.objectContaining({ code: 'invalid_plugin' }),
		);
	});

	test('a JSON Schema that only a compiler finds wrong, by check()', async () => {
		const plugin = builder()
			.registerTool('sell', { ...any, input: { properties: { n: { type: 'nummer' } } } }, () => 1)
			.registerTool('lend', { ...any, input: { $ref: 'https://example.com/remote.json' } }, () => 1)
			.build();
		await expect(plugin.check()).rejects.toMatchObject({
			code: 'invalid_schema',
			message: expect.stringMatching(/tool sell of plugin shop.*tool lend of plugin shop/s),
		});
		await expect(builder().build().check()).resolves.toBeUndefined();
	});
});

describe('isPlugin', () => {
	test('knows plugins, by any copy of this package, of an interface version that can be served', () => {
		const plugin = createPlugin('p').build();
		expect(isPlugin(plugin)).toBe(true);
		const brand = Symbol.for('orchestra.plugin');
		expect(isPlugin({ [brand]: pluginInterfaceVersion })).toBe(true);
		expect(isPlugin({ [brand]: pluginInterfaceVersion + 1 })).toBe(false);
		for (const other of [undefined, null, 1, 'x', {}, createPlugin('p'), () => {}]) {
			expect(isPlugin(other)).toBe(false);
		}
	});
});
