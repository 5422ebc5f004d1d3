import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createPlugin } from '../../src/runtime/plugin/definition/create-plugin.ts';
import { maxChunkBytes } from '../../src/runtime/plugin/serving/stream-chunk.ts';
import { ToolError } from '../../src/runtime/wire/orchestra-error.ts';
import { collect, deferred, serve } from './support/serve.ts';

const any = { description: 'anything' };
const start = (toolName: string, more: object = {}) => ({
	streamStart: { streamId: 's1', toolName, ...more },
});

describe('a stream', () => {
	test('is one chunk for each value, numbered from 0, and an end that counts them', async () => {
		const buffer = new ArrayBuffer(4);
		new Uint8Array(buffer).set([1, 2, 3, 4]);
		const served = serve(
			createPlugin('p').registerStreamingTool('s', any, async function* () {
				yield new Uint8Array([1, 2]);
				yield new Uint16Array(buffer, 2, 1);
				yield 'grüß';
				yield { a: 1 };
				yield 3;
				yield null;
				return 'not a chunk';
			}),
		);
		const responses = await served.ask(start('s'));
		const chunks = responses.slice(0, -1).map(({ streamChunk }) => streamChunk);
		expect(chunks.map((chunk) => chunk?.sequence)).toEqual([0, 1, 2, 3, 4, 5]);
		expect(new Set(chunks.map((chunk) => chunk?.streamId))).toEqual(new Set(['s1']));
		expect(
			chunks.map((chunk) => [chunk?.contentType, Buffer.from(chunk?.data ?? []).toString('latin1')]),
		).toEqual([
			['application/octet-stream', '\x01\x02'],
			['application/octet-stream', '\x03\x04'],
			['text/plain; charset=utf-8', Buffer.from('grüß').toString('latin1')],
			['application/json', '{"a":1}'],
			['application/json', '3'],
			['application/json', 'null'],
		]);
		expect(responses.at(-1)?.streamEnd).toEqual({ streamId: 's1', success: true, totalChunks: 6 });
	});

	test('may come from a function that returns something async-iterable, also later', async () => {
		const iterable = () => ({
			async *[Symbol.asyncIterator]() {
				yield 'x';
			},
		});
		const { client } = serve(
			createPlugin('p')
				.registerStreamingTool('now', any, iterable)
				.registerStreamingTool('later', any, async () => iterable()),
		);
		for (const tool of ['now', 'later']) {
			expect((await collect(client.streamTool(tool))).map(({ sequence }) => sequence)).toEqual([0]);
		}
	});

	test('of a unary tool is its result, as one chunk of JSON', async () => {
		const served = serve(createPlugin('p').registerTool('t', any, async () => 'hello'));
		const [chunk, end, ...rest] = await served.ask(start('t'));
		expect(chunk?.streamChunk).toMatchObject({ contentType: 'application/json', sequence: 0 });
		expect(Buffer.from(chunk?.streamChunk?.data ?? []).toString()).toBe('{"text":"hello"}');
		expect(end?.streamEnd).toEqual({ streamId: 's1', success: true, totalChunks: 1 });
		expect(rest).toEqual([]);
	});

	test('without an id goes by the id of its request', async () => {
		const served = serve(createPlugin('p').registerStreamingTool('s', any, async function* () {}));
		const [end] = await served.ask({ streamStart: { toolName: 's' } });
		expect(end?.streamEnd?.streamId).toBe(end?.requestId);
	});

	test('gets checked arguments', async () => {
		const input = z.object({ n: z.number().int() });
		const served = serve(
			createPlugin('p').registerStreamingTool('s', { ...any, input }, async function* ({ n }) {
				yield n;
			}),
		);
		const [fault] = await served.ask(start('s', { arguments: { n: 'x' } }));
		expect(fault).toMatchObject({
			streamEnd: { streamId: 's1', success: false, errorCode: 'invalid_arguments', totalChunks: 0 },
			error: { code: 'invalid_arguments', details: { faults: [{ pointer: '/n' }] } },
		});
		expect(await served.ask(start('s', { arguments: { n: 1 } }))).toHaveLength(2);
	});
});

describe('a stream that fails', () => {
	test.each([
		['with an error', new Error('broken'), 'handler_error'],
		['with a ToolError', new ToolError('out_of_ink', 'no ink'), 'out_of_ink'],
	])('%s, says so after what it sent', async (_, error, code) => {
		const served = serve(
			createPlugin('p').registerStreamingTool('s', any, async function* () {
				yield 1;
				throw error;
			}),
		);
		const [chunk, end] = await served.ask(start('s'));
		expect(chunk?.streamChunk?.sequence).toBe(0);
		expect(end).toMatchObject({
			streamEnd: { success: false, errorCode: code, errorMessage: error.message, totalChunks: 1 },
			error: { code },
		});
	});

	test.each([
		['a bigint', () => 1n, 'invalid_result'],
		['undefined', () => undefined, 'invalid_result'],
		['more than a message holds', () => new Uint8Array(maxChunkBytes + 1), 'message_too_large'],
	])('for %s, gets to its finally block', async (_, value, code) => {
		const closed = deferred();
		const { client } = serve(
			createPlugin('p').registerStreamingTool('s', any, async function* () {
				try {
					yield value();
					yield 'never';
				} finally {
					closed.resolve();
				}
			}),
		);
		await expect(collect(client.streamTool('s'))).rejects.toMatchObject({ code });
		await closed.promise;
	});

	test('because its handler returns no stream', async () => {
		const { client } = serve(createPlugin('p').registerStreamingTool('s', any, (() => 'text') as never));
		await expect(collect(client.streamTool('s'))).rejects.toMatchObject({ code: 'invalid_result' });
	});

	test('because there is no such tool', async () => {
		const served = serve(createPlugin('p'));
		expect((await served.ask(start('s')))[0]?.streamEnd).toMatchObject({
			errorCode: 'tool_not_found',
			success: false,
		});
	});
});

describe('back-pressure', () => {
	test('the generator is asked for more only when the reader takes', async () => {
		let produced = 0;
		const { client } = serve(
			createPlugin('p').registerStreamingTool('s', any, async function* () {
				const block = new Uint8Array(64 * 1024);
				for (; produced < 16 * 1024; produced++) yield block;
			}),
		);
		const stream = client.streamTool('s', {}, { windowBytes: 256 * 1024 });
		let taken = 0;
		for await (const _ of stream) {
			// 1 GiB in all, of which at most the window and one chunk are ever under way.
			expect(produced - taken).toBeLessThanOrEqual(6);
			if (++taken === 200) break;
		}
		expect(produced).toBeLessThanOrEqual(206);
	});
});

describe('a reader that leaves', () => {
	const waiting = () => {
		const events: string[] = [];
		const closed = deferred();
		const served = serve(
			createPlugin('p')
				.registerStreamingTool('heeds', any, async function* (_, { signal }) {
					try {
						yield 1;
						await new Promise((_resolve, reject) =>
							signal.addEventListener('abort', () => reject(signal.reason)),
						);
					} finally {
						events.push('finally');
						closed.resolve();
					}
				})
				.registerStreamingTool('deaf', any, async function* () {
					yield 1;
					await new Promise(() => {});
				}),
		);
		return { ...served, events, closed };
	};

	test('by break: the generator runs its finally block', async () => {
		const { client, closed, dispatcher, logged } = waiting();
		for await (const _ of client.streamTool('heeds')) break;
		await closed.promise;
		await expect.poll(() => dispatcher.activeCount).toBe(0);
		expect(logged).toEqual([]);
	});

	test('while the generator waits: the stream ends at once, with what was sent', async () => {
		// The raw exchange, to see what is answered to a cancel by message.
		const { dispatcher } = waiting();
		const ended = deferred<object>();
		const { FakeExchange } = await import('./support/fake-exchange.ts');
		const exchange = new FakeExchange(start('deaf'), ended.resolve);
		dispatcher.handle(exchange);
		await expect.poll(() => exchange.sent.length).toBe(1);
		const { OrchestraError } = await import('../../src/runtime/wire/orchestra-error.ts');
		exchange.cancel(new OrchestraError('cancelled', 'enough'));
		expect(await ended.promise).toMatchObject({
			streamEnd: {
				streamId: 's1',
				success: false,
				errorCode: 'cancelled',
				errorMessage: 'enough',
				totalChunks: 1,
			},
			error: { code: 'cancelled' },
		});
		// It still runs, and is counted.
		expect(dispatcher.activeCount).toBe(1);
	});

	test('before the generator was asked for the first time', async () => {
		const { client, dispatcher } = waiting();
		const stream = client.streamTool('heeds');
		const first = stream.next();
		await stream.return?.();
		await first.catch(() => {});
		await expect.poll(() => dispatcher.activeCount).toBe(0);
	});
});
