import { describe, expect, it } from 'vitest';
import type { IncomingExchange } from '../../src/runtime/carrier/incoming-exchange.ts';
import { PeerError } from '../../src/runtime/client/peer-error.ts';
import type { PluginResponse } from '../../src/runtime/wire/generated/messages.ts';
import { clientOf, rejectionOf } from './scripted-peer.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function chunk(sequence: number, text = `c${sequence}`): PluginResponse {
	return { streamChunk: { data: bytes(text), contentType: 'text/plain', sequence } };
}

/** All of a stream's texts, and what ended it. */
async function readAll(
	stream: AsyncIterable<{ data: Uint8Array }>,
): Promise<{ texts: string[]; error?: unknown }> {
	const texts: string[] = [];
	try {
		for await (const { data } of stream) texts.push(new TextDecoder().decode(data));
	} catch (error) {
		return { texts, error };
	}
	return { texts };
}

describe('a stream', () => {
	it('gives its chunks in order and ends', async () => {
		let request: IncomingExchange['request'] | undefined;
		const client = clientOf((exchange) => {
			request = exchange.request;
			for (let at = 0; at < 3; at++) exchange.send(chunk(at));
			return { streamEnd: { success: true, totalChunks: 3 } };
		});
		const stream = client.streamTool('tail', { file: 'x' }, { sessionId: 's', plugin: 'weather' });
		const first = await stream.next();
		expect(first.value).toEqual({ data: bytes('c0'), contentType: 'text/plain', sequence: 0 });
		expect(await readAll(stream)).toEqual({ texts: ['c1', 'c2'] });
		expect(await stream.next()).toEqual({ done: true, value: undefined });
		expect(request?.streamStart).toMatchObject({
			toolName: 'tail',
			arguments: { file: 'x' },
			sessionId: 's',
			plugin: 'weather',
			streamId: request?.requestId,
		});
	});

	it('does not start before it is read', async () => {
		let started = 0;
		const client = clientOf(() => {
			started++;
			return { streamEnd: { success: true } };
		});
		const unread = client.streamTool('tail');
		await client.listTools().catch(() => {});
		expect(started).toBe(1);
		await unread.return?.();
		expect(await unread.next()).toEqual({ done: true, value: undefined });
		expect(started).toBe(1);
	});

	it.each([
		['', undefined],
		[', beside a time-out of its client', { timeoutMs: 20_000 }],
	])('stops the sender while the reader does not take%s', async (_how, defaults) => {
		let sent = 0;
		let over = false;
		const client = clientOf((exchange) => {
			void (async () => {
				for (let at = 0; at < 1000; at++) {
					const pending = exchange.send(chunk(at, 'x'.repeat(1000)));
					sent++;
					if (pending) await pending;
				}
				over = true;
				exchange.finish({ streamEnd: { success: true, totalChunks: 1000 } });
			})();
			return undefined;
		}, defaults);
		const stream = client.streamTool('flood', {}, { windowBytes: 10_000 });
		await stream.next();
		// Whatever the sender could send without the reader, it has sent after these turns.
		for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
		expect(sent).toBeLessThan(15);
		expect(over).toBe(false);
		const { texts, error } = await readAll(stream);
		expect(error).toBeUndefined();
		expect(texts).toHaveLength(999);
	});

	it('is not held up by progress that nobody asked for', async () => {
		const client = clientOf((exchange) => {
			void (async () => {
				for (let at = 0; at < 500; at++) await exchange.send({ progress: { message: 'step' } });
				exchange.finish({ streamEnd: { success: true } });
			})();
			return undefined;
		});
		expect(await readAll(client.streamTool('tail', {}, { windowBytes: 10_000 }))).toEqual({ texts: [] });
	});

	it('lets its input go when it ends', async () => {
		let letGo: () => void = () => {};
		const gone = new Promise<void>((resolve) => {
			letGo = resolve;
		});
		const input: AsyncIterable<string> = {
			[Symbol.asyncIterator]: () => ({
				next: () => new Promise((resolve) => setImmediate(() => resolve({ done: false, value: 'more' }))),
				return: async () => {
					letGo();
					return { done: true, value: undefined };
				},
			}),
		};
		const client = clientOf(() => ({ streamEnd: { success: true } }));
		expect(await readAll(client.streamTool('tail', {}, { input }))).toEqual({ texts: [] });
		await gone;
	});

	it.each(['break', 'throw'])('tells the peer when the reader leaves early by %s', async (how) => {
		let seen: IncomingExchange | undefined;
		const client = clientOf((exchange) => {
			seen = exchange;
			for (let at = 0; at < 5; at++) exchange.send(chunk(at));
			return undefined;
		});
		const reader = async () => {
			for await (const _ of client.streamTool('tail')) {
				if (how === 'break') break;
				throw new Error('mine');
			}
		};
		if (how === 'break') await reader();
		else await expect(reader()).rejects.toThrow('mine');
		await expect.poll(() => seen?.cancelled?.code).toBe('cancelled');
	});

	it('throws what the peer ended it with, after the chunks that came before', async () => {
		const core = clientOf((exchange) => {
			exchange.send(chunk(0));
			return { streamEnd: { success: false, errorCode: 'disk_full', errorMessage: 'no room' } };
		});
		const { texts, error } = await readAll(core.streamTool('tail'));
		expect(texts).toEqual(['c0']);
		expect(error).toBeInstanceOf(PeerError);
		expect(error).toMatchObject({ code: 'disk_full', message: 'no room' });

		const ours = clientOf(() => ({
			streamEnd: { success: false, errorCode: 'disk_full' },
			error: { code: 'disk_full', message: 'no room', details: { free: 0 }, retryable: true },
		}));
		expect((await readAll(ours.streamTool('tail'))).error).toMatchObject({
			details: { free: 0 },
			retryable: true,
		});
	});

	it('says unknown_request where the peer has no streams at all', async () => {
		const client = clientOf(() => ({ toolCall: { success: false, errorCode: 'unknown_request' } }));
		expect((await readAll(client.streamTool('tail'))).error).toMatchObject({ code: 'unknown_request' });
	});

	it.each([
		['a gap', [0, 2], { got: 2, due: 1 }],
		['a repetition', [0, 0], { got: 0, due: 1 }],
		['a late start', [1], { got: 1, due: 0 }],
	])('is invalid with %s in its sequence, and tells the peer', async (_what, sequence, details) => {
		let seen: IncomingExchange | undefined;
		const client = clientOf((exchange) => {
			seen = exchange;
			for (const number of sequence) exchange.send(chunk(number));
			return undefined;
		});
		const { error } = await readAll(client.streamTool('tail'));
		expect(error).toMatchObject({ code: 'invalid_response', details });
		await expect.poll(() => seen?.cancelled).toBeDefined();
	});

	it('is invalid where the peer counts other chunks than came', async () => {
		const client = clientOf((exchange) => {
			exchange.send(chunk(0));
			return { streamEnd: { success: true, totalChunks: 2 } };
		});
		expect((await readAll(client.streamTool('tail'))).error).toMatchObject({
			code: 'invalid_response',
			details: { got: 1, due: 2 },
		});
	});

	it('is invalid where it ends with another kind of response', async () => {
		const client = clientOf(() => ({ health: {} }));
		expect((await readAll(client.streamTool('tail'))).error).toMatchObject({
			code: 'invalid_response',
			details: { got: 'health' },
		});
	});

	it('ends at once when its signal aborts, whatever still waits', async () => {
		const client = clientOf((exchange) => {
			for (let at = 0; at < 5; at++) exchange.send(chunk(at));
			return undefined;
		});
		const controller = new AbortController();
		const texts: string[] = [];
		const reading = (async () => {
			for await (const { data } of client.streamTool('tail', {}, { signal: controller.signal })) {
				texts.push(new TextDecoder().decode(data));
				controller.abort();
			}
		})();
		expect(await rejectionOf(reading)).toMatchObject({ code: 'cancelled' });
		expect(texts).toEqual(['c0']);
	});

	it('gives what came before the connection was lost, then the error', async () => {
		const client = clientOf((exchange) => {
			exchange.send(chunk(0));
			exchange.send(chunk(1));
			return undefined;
		});
		const stream = client.streamTool('tail');
		await stream.next();
		await client.close();
		const { texts, error } = await readAll(stream);
		expect(texts).toEqual(['c1']);
		expect(error).toMatchObject({ code: 'connection_closed' });
		expect(await stream.next()).toEqual({ done: true, value: undefined });
	});

	it('serves readers that ask ahead, in the order in which they asked', async () => {
		const client = clientOf((exchange) => {
			exchange.send(chunk(0));
			exchange.send(chunk(1));
			return { streamEnd: { success: true } };
		});
		const stream = client.streamTool('tail');
		const results = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
		expect(results.map((result) => result.value?.sequence)).toEqual([0, 1, undefined, undefined]);
	});

	it('hears progress between its chunks', async () => {
		const heard: number[] = [];
		const client = clientOf((exchange) => {
			exchange.send(chunk(0));
			exchange.send({ progress: { progress: 7 } });
			exchange.send(chunk(1));
			return { streamEnd: { success: true, totalChunks: 2 } };
		});
		const stream = client.streamTool('tail', {}, { onProgress: ({ progress }) => heard.push(progress) });
		expect((await readAll(stream)).texts).toEqual(['c0', 'c1']);
		expect(heard).toEqual([7]);
	});
});
