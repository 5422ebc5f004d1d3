import type { StandardSchemaV1 } from '@standard-schema/spec';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { OrchestraError, ToolError } from '../../src/runtime/wire/orchestra-error.ts';
import { patienceMs } from '../support/patience.ts';
import { answer, deferred, serve } from './support/serve.ts';

const any = { description: 'anything' };
const echo = <T>(args: T) => args;

describe('results', () => {
	class Point {
		x = 1;
	}
	test.each([
		['a string', 'hello', { text: 'hello' }],
		['an object', { a: [1, { b: null }] }, { a: [1, { b: null }] }],
		['an instance of a class', new Point(), { x: 1 }],
		['a number', 3, { data: 3 }],
		['false', false, { data: false }],
		['null', null, { data: null }],
		['an array', [1, 'x'], { data: [1, 'x'] }],
		['a date', new Date(0), { text: '1970-01-01T00:00:00.000Z' }],
		['nothing', undefined, {}],
	])('%s', async (_, value, result) => {
		const { client } = serve(
			createPlugin('p')
				.registerTool('now', any, () => value)
				.registerTool('later', any, async () => value),
		);
		expect(await client.callTool('now')).toEqual(result);
		expect(await client.callTool('later')).toEqual(result);
	});

	test.each([
		['a bigint', 1n],
		['a function', () => 1],
		['a Map', new Map()],
		['bytes', new Uint8Array(1)],
		['NaN', Number.NaN],
	])('%s is no result', async (_, value) => {
		const { client } = serve(createPlugin('p').registerTool('t', any, () => value));
		await expect(client.callTool('t')).rejects.toMatchObject({
			code: 'invalid_result',
			message: expect.stringMatching(/^tool t of plugin p returned/),
		});
	});

	test('what is inside an object is the codec’s business: the call fails, and the next one works', async () => {
		let value: unknown = { deep: { big: 1n } };
		const { client } = serve(createPlugin('p').registerTool('t', any, () => value));
		await expect(client.callTool('t')).rejects.toMatchObject({
			message: expect.stringContaining('/deep/big'),
		});
		value = 'fine';
		expect(await client.callTool('t')).toEqual({ text: 'fine' });
	});
});

describe('errors of handlers', () => {
	const raise = (error: unknown) => () => {
		throw error;
	};

	test('a ToolError keeps its code, details, hint and whether to try again', async () => {
		const error = new ToolError('city_unknown', 'no such city', {
			details: { city: 'X' },
			hint: 'Try Oslo.',
			retryable: true,
		});
		const served = serve(
			createPlugin('p')
				.registerTool('now', any, raise(error))
				.registerTool('later', any, async () => raise(error)()),
		);
		for (const tool of ['now', 'later']) {
			expect(await answer(served, { toolCall: { toolName: tool } })).toEqual({
				toolCall: { success: false, errorCode: 'city_unknown', errorMessage: 'no such city' },
				error: {
					code: 'city_unknown',
					message: 'no such city',
					details: { city: 'X' },
					hint: 'Try Oslo.',
					retryable: true,
				},
			});
		}
		expect(served.logged).toEqual([]);
	});

	test('what the causes say goes with a failure, up to five of them, and no stack', async () => {
		const wet = new Error('fuse was wet');
		const ring = new Error('ring');
		ring.cause = ring;
		const unreadable = Object.defineProperty(new Error('odd'), 'cause', {
			get: () => {
				throw new Error('no');
			},
		});
		const { client } = serve(
			createPlugin('p')
				.registerTool('plain', any, raise(new Error('exploded', { cause: wet })))
				.registerTool('own', any, raise(new ToolError('bang', 'm', { details: { a: 1 }, cause: wet })))
				.registerTool('ring', any, raise(ring))
				.registerTool('unreadable', any, raise(unreadable)),
		);
		const detailsOf = (tool: string) => client.callTool(tool).catch((error: OrchestraError) => error.details);
		expect(await detailsOf('plain')).toEqual({ causes: ['fuse was wet'] });
		expect(await detailsOf('own')).toEqual({ a: 1, causes: ['fuse was wet'] });
		expect(await detailsOf('ring')).toEqual({ causes: Array(5).fill('ring') });
		expect(await detailsOf('unreadable')).toBeUndefined();
	});

	test('a ToolError of another copy of this package is one too', async () => {
		class ToolError extends Error {
			override name = 'ToolError';
			code = 'own';
			retryable = false;
		}
		const { client } = serve(createPlugin('p').registerTool('t', any, raise(new ToolError('theirs'))));
		await expect(client.callTool('t')).rejects.toMatchObject({ code: 'own', message: 'theirs' });
	});

	test.each([
		['an error', new TypeError('x is not a function'), 'x is not a function'],
		['an error of the runtime', new OrchestraError('tool_not_found', 'inner'), 'inner'],
		['an error without a message', new RangeError(), 'RangeError'],
		['a text', 'broken', 'broken'],
		['undefined', undefined, 'undefined'],
		[
			'an object that cannot be a text',
			Object.create(null),
			'tool now of plugin p failed without saying why',
		],
	])('%s becomes handler_error, and is logged', async (_, thrown, message) => {
		const served = serve(createPlugin('p').registerTool('now', any, raise(thrown)));
		expect(await answer(served, { toolCall: { toolName: 'now' } })).toEqual({
			toolCall: { success: false, errorCode: 'handler_error', errorMessage: message },
			error: { code: 'handler_error', message },
		});
		expect(served.logged).toMatchObject([
			{ level: 'error', message: 'tool now of plugin p failed', plugin: 'p' },
		]);
	});

	test('a tool that does not exist', async () => {
		const { client } = serve(createPlugin('p').registerTool('t', any, echo));
		await expect(client.callTool('u')).rejects.toMatchObject({
			code: 'tool_not_found',
			message: 'plugin p has no tool "u"',
			hint: 'It has t.',
		});
	});

	test('a call that is meant for another plugin', async () => {
		const { client } = serve(createPlugin('p').registerTool('t', any, () => 'me'));
		await expect(client.callTool('t', {}, { plugin: 'q' })).rejects.toMatchObject({ code: 'routing_error' });
		expect(await client.callTool('t', {}, { plugin: 'p' })).toEqual({ text: 'me' });
	});

	test('a streaming tool that is called for one result', async () => {
		const { client } = serve(createPlugin('p').registerStreamingTool('s', any, async function* () {}));
		await expect(client.callTool('s')).rejects.toMatchObject({
			code: 'tool_is_streaming',
			hint: expect.stringContaining('stream'),
		});
	});
});

describe.each([
	['zod', { input: z.object({ city: z.string(), days: z.number().int().max(14).default(3) }).strict() }],
	[
		'JSON Schema',
		{
			input: {
				type: 'object',
				properties: { city: { type: 'string' }, days: { type: 'integer', maximum: 14, default: 3 } },
				required: ['city'],
				additionalProperties: false,
			},
		},
	],
	[
		'JSON Schema of draft-07',
		{
			input: {
				$schema: 'http://json-schema.org/draft-07/schema#',
				definitions: { city: { type: 'string' } },
				properties: {
					city: { $ref: '#/definitions/city' },
					days: { type: 'integer', maximum: 14, default: 3 },
				},
				required: ['city'],
				additionalProperties: false,
			},
		},
	],
	[
		'a schema that answers later',
		{
			input: z
				.object({ city: z.string().refine(async () => true), days: z.number().int().max(14).default(3) })
				.strict(),
		},
	],
])('arguments that %s checks', (_, options) => {
	const seen: unknown[] = [];
	const { client } = serve(
		createPlugin('weather').registerTool(
			'forecast',
			{ ...any, ...(options as { input: z.ZodType }) },
			(args) => {
				seen.push(args);
				return 'sun';
			},
		),
	);
	const faultsOf = async (args: never) => {
		const error: unknown = await client.callTool('forecast', args).catch((caught: unknown) => caught);
		expect(error).toMatchObject({ code: 'invalid_arguments', retryable: false });
		const { message, details } = error as OrchestraError;
		expect(message).toMatch(/^tool forecast of plugin weather cannot take these arguments: \//);
		const { faults } = details as { faults: { pointer: string }[] };
		return faults.map(({ pointer }) => pointer);
	};

	test('reach the handler with defaults filled in, or not at all', async () => {
		expect(await client.callTool('forecast', { city: 'Oslo' })).toEqual({ text: 'sun' });
		expect(seen).toEqual([{ city: 'Oslo', days: 3 }]);
		expect(await faultsOf({} as never)).toEqual(['/city']);
		expect(await faultsOf({ city: 1, days: 15 } as never)).toEqual(['/city', '/days']);
		// Types are not coerced.
		expect(await faultsOf({ city: 'Oslo', days: '3' } as never)).toEqual(['/days']);
		expect(seen).toHaveLength(1);
	});

	test('may not hold more than the schema has', async () => {
		const error = await client
			.callTool('forecast', { city: 'Oslo', extra: 1 })
			.catch((caught: unknown) => caught);
		expect(error).toMatchObject({ code: 'invalid_arguments', message: expect.stringContaining('extra') });
	});
});

describe('faults', () => {
	test('name the value by its JSON pointer', async () => {
		const { client } = serve(
			createPlugin('p').registerTool(
				't',
				{
					...any,
					input: {
						properties: {
							'a/b~c': { type: 'array', items: { enum: ['x', 1] } },
							deep: { properties: { n: { minimum: 2 } }, required: ['m'] },
						},
					},
				},
				echo,
			),
		);
		const error = await client
			.callTool('t', { 'a/b~c': ['x', 'y'], deep: { n: 1 } })
			.catch((caught: unknown) => caught);
		expect(error).toMatchObject({
			details: {
				faultCount: 3,
				faults: [
					{ pointer: '/a~1b~0c/1', message: 'must be one of "x", 1' },
					{ pointer: '/deep/m', message: 'is required' },
					{ pointer: '/deep/n', message: 'must be >= 2' },
				],
			},
		});
	});

	test('are not spelled out without end', async () => {
		const { client } = serve(
			createPlugin('p').registerTool(
				't',
				{ ...any, input: { properties: { list: { type: 'array', items: { type: 'string' } } } } },
				echo,
			),
		);
		const error = await client
			.callTool('t', { list: Array.from({ length: 1000 }, () => 1) })
			.catch((caught: unknown) => caught);
		expect(error).toMatchObject({
			message: expect.stringMatching(/; and 997 more$/),
			details: { faultCount: 1000 },
		});
		expect(((error as OrchestraError).details as { faults: unknown[] }).faults).toHaveLength(32);
	});

	test('of the arguments as a whole have no pointer', async () => {
		const input = z
			.object({ a: z.number(), b: z.number() })
			.refine(({ a, b }) => a < b, 'a has to be below b');
		const { client } = serve(createPlugin('p').registerTool('t', { ...any, input }, echo));
		await expect(client.callTool('t', { a: 2, b: 1 })).rejects.toMatchObject({
			message: 'tool t of plugin p cannot take these arguments: a has to be below b',
			details: { faults: [{ pointer: '' }] },
		});
	});
});

describe('schemas', () => {
	test('without one, any object is taken', async () => {
		const { client } = serve(createPlugin('p').registerTool('t', any, echo));
		expect(await client.callTool('t', { whatever: [1] })).toEqual({ whatever: [1] });
	});

	test('are listed, as JSON Schema', async () => {
		const custom: StandardSchemaV1<unknown, { n: number }> = {
			'~standard': { version: 1, vendor: 'own', validate: () => ({ value: { n: 1 } }) },
		};
		const { client } = serve(
			createPlugin('p')
				.registerTool('zod', { description: 'Zod.', input: z.object({ n: z.number() }) }, echo)
				.registerTool(
					'json',
					{ description: 'JSON.', input: { properties: { n: { type: 'number' } } } },
					echo,
				)
				.registerTool('none', any, echo)
				.registerTool('own', { ...any, input: custom }, echo)
				.registerTool('told', { ...any, input: custom, inputSchema: { properties: { n: {} } } }, echo)
				.registerStreamingTool('stream', any, async function* () {}),
		);
		const tools = await client.listTools();
		expect(tools.map(({ name, description, streaming }) => [name, description, streaming])).toEqual([
			['zod', 'Zod.', false],
			['json', 'JSON.', false],
			['none', 'anything', false],
			['own', 'anything', false],
			['told', 'anything', false],
			['stream', 'anything', true],
		]);
		expect(tools.map(({ inputSchema }) => inputSchema)).toMatchObject([
			{ type: 'object', properties: { n: { type: 'number' } }, required: ['n'] },
			{ type: 'object', properties: { n: { type: 'number' } } },
			{ type: 'object' },
			{ type: 'object' },
			{ type: 'object', properties: { n: {} } },
			{ type: 'object' },
		]);
	});

	test('of the same $id in two tools do not meet', async () => {
		const schema = (type: string) => ({ $id: 'https://example.com/x', properties: { v: { type } } });
		const { client } = serve(
			createPlugin('p')
				.registerTool('a', { ...any, input: schema('string') }, echo)
				.registerTool('b', { ...any, input: schema('number') }, echo),
		);
		expect(await client.callTool('a', { v: 'x' })).toEqual({ v: 'x' });
		expect(await client.callTool('b', { v: 1 })).toEqual({ v: 1 });
		await expect(client.callTool('b', { v: 'x' })).rejects.toMatchObject({ code: 'invalid_arguments' });
	});

	test('that throw fail the call, not the plugin', async () => {
		const input = z.object({ n: z.number().transform(() => raise()) });
		const raise = (): never => {
			throw new Error('a transform broke');
		};
		const { client } = serve(createPlugin('p').registerTool('t', { ...any, input, inputSchema: {} }, echo));
		await expect(client.callTool('t', { n: 1 })).rejects.toMatchObject({
			code: 'handler_error',
			message: 'a transform broke',
		});
	});

	test('that are wrong fail every call of their tool where nobody checked before', async () => {
		const { client } = serve(createPlugin('p').registerTool('t', { ...any, input: { minimum: 'x' } }, echo));
		for (let i = 0; i < 2; i++) {
			await expect(client.callTool('t')).rejects.toMatchObject({
				message: expect.stringContaining('the input schema of tool t of plugin p is wrong'),
			});
		}
	});
});

describe('a call that nobody waits for', () => {
	test('tells its handler, and ends as cancelled', async () => {
		const started = deferred();
		const heard = deferred<unknown>();
		const { client, dispatcher, logged } = serve(
			createPlugin('p').registerTool('wait', any, (_, { signal }) => {
				started.resolve();
				return new Promise((_resolve, reject) => {
					signal.addEventListener('abort', () => {
						heard.resolve(signal.reason);
						reject(signal.reason);
					});
				});
			}),
		);
		const controller = new AbortController();
		const call = client.callTool('wait', {}, { signal: controller.signal });
		await started.promise;
		expect(dispatcher.activeCount).toBe(1);
		controller.abort();
		await expect(call).rejects.toMatchObject({ code: 'cancelled' });
		expect(await heard.promise).toMatchObject({ code: 'cancelled' });
		await expect.poll(() => dispatcher.activeCount).toBe(0);
		expect(logged).toEqual([]);
	});

	test('tells its handler of the deadline', async () => {
		const heard = deferred<unknown>();
		const { client } = serve(
			createPlugin('p').registerTool('wait', any, async (_, { signal, deadline }) => {
				expect(deadline).toBeGreaterThan(Date.now() - patienceMs);
				await new Promise((resolve) => signal.addEventListener('abort', resolve));
				heard.resolve(signal.reason);
			}),
		);
		await expect(client.callTool('wait', {}, { timeoutMs: 20 })).rejects.toMatchObject({
			code: 'deadline_exceeded',
		});
		expect(await heard.promise).toMatchObject({ code: 'deadline_exceeded' });
	});
});
