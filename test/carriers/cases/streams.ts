import assert from 'node:assert/strict';
import type { ExchangeHandler } from '../../../src/runtime/carrier/carrier.ts';
import type { OutgoingExchange } from '../../../src/runtime/carrier/outgoing-exchange.ts';
import type { PluginResponse } from '../../../src/runtime/wire/generated/messages.ts';
import { onConnection } from '../compliance-case.ts';
import { chunk, echo, streamEnd } from '../handlers.ts';
import { argumentOf, Recorder, streamStart, toolCall } from '../recorder.ts';
import { signalled, within } from '../within.ts';

const chunkBytes = 64 * 1024;

/** Produces a stream as fast as its reader allows, and knows how far ahead of the reader it got. */
class Producer {
	produced = 0;
	consumed = 0;
	furthestAhead = 0;
	readonly #total: number;
	readonly #blocked = signalled();

	constructor(totalBytes: number) {
		this.#total = totalBytes;
	}

	readonly handle: ExchangeHandler = (exchange) => {
		void (async () => {
			for (let sequence = 0; this.produced < this.#total && !exchange.cancelled; sequence += 1) {
				const room = exchange.send(chunk(sequence, new Uint8Array(chunkBytes).fill(sequence)));
				this.produced += chunkBytes;
				this.furthestAhead = Math.max(this.furthestAhead, this.produced - this.consumed);
				if (room) {
					this.#blocked.settle();
					await room;
				}
			}
			exchange.finish(streamEnd());
		})();
	};

	/** Waits until the producer was told to wait. */
	blocked(): Promise<void> {
		return within(this.#blocked.promise, 'the sender waits for its reader');
	}
}

/** More than a carrier may hold by itself, several times. */
function muchMoreThan(slackBytes: number): number {
	return Math.ceil(slackBytes / chunkBytes) * chunkBytes * 2 + 4 * 1024 * 1024;
}

/** Many responses to one request. */
export const streamCases = [
	onConnection('three chunks arrive in order, then the end', async (connect) => {
		const { connection } = await connect((exchange) => {
			for (const sequence of [0, 1, 2]) exchange.send(chunk(sequence, Uint8Array.of(sequence, 255)));
			exchange.finish(streamEnd());
		});
		const stream = new Recorder(connection, streamStart());
		const end = await stream.response();
		assert.equal(end.streamEnd?.success, true);
		assert.deepEqual(
			stream.parts.map((part) => [part.streamChunk?.sequence ?? 0, [...(part.streamChunk?.data ?? [])]]),
			[0, 1, 2].map((sequence) => [sequence, [sequence, 255]]),
		);
	}),

	onConnection('a handler may send its chunks whenever it likes', async (connect) => {
		const { connection } = await connect(async (exchange) => {
			for (const sequence of [0, 1, 2]) {
				await new Promise((resolve) => setImmediate(resolve));
				await exchange.send(chunk(sequence, Uint8Array.of(sequence)));
			}
			exchange.finish(streamEnd());
		});
		const stream = new Recorder(connection, streamStart());
		await stream.response();
		assert.equal(stream.parts.length, 3);
	}),

	onConnection('a slow reader holds the sender back, and loses nothing', async (connect, harness) => {
		const total = muchMoreThan(harness.slackBytes);
		const windowBytes = 256 * 1024;
		const producer = new Producer(total);
		const { connection } = await connect(producer.handle);
		const waiting: PluginResponse[] = [];
		const ended = signalled<PluginResponse>();
		const exchange: OutgoingExchange = connection.exchange(
			streamStart(),
			{
				next: (response) => waiting.push(response),
				done: ended.settle,
				fail: (error) => assert.fail(`the stream failed: ${error.message}`),
			},
			{ windowBytes },
		);
		await producer.blocked();
		// The reader takes nothing until the sender waits, and then less than comes in a turn.
		let next = 0;
		while (next * chunkBytes < total) {
			const response = waiting.shift();
			if (response) {
				const data = response.streamChunk?.data ?? new Uint8Array();
				assert.equal(response.streamChunk?.sequence ?? 0, next);
				assert.equal(data.length, chunkBytes);
				assert.equal(data[chunkBytes - 1], next & 255);
				next += 1;
				producer.consumed += data.length;
				exchange.consumed(response);
			}
			await new Promise((resolve) => setImmediate(resolve));
		}
		await within(ended.promise, 'the end of the stream');
		assert.ok(
			producer.furthestAhead <= windowBytes + harness.slackBytes,
			`the sender was ${producer.furthestAhead} bytes ahead of its reader`,
		);
	}),

	onConnection(
		'a stream that nobody reads does not hold up another, nor a call',
		async (connect, harness) => {
			const stalled = new Producer(muchMoreThan(harness.slackBytes));
			const flowing = new Producer(muchMoreThan(harness.slackBytes));
			const { connection } = await connect((exchange) => {
				if (!exchange.request.streamStart) echo(exchange);
				else if (argumentOf(exchange.request, 'stalled')) stalled.handle(exchange);
				else flowing.handle(exchange);
			});
			const first = new Recorder(connection, streamStart({ stalled: true }), { hold: true });
			await stalled.blocked();
			const second = new Recorder(connection, streamStart());
			assert.equal((await second.response()).streamEnd?.success, true);
			assert.equal(second.parts.length, flowing.produced / chunkBytes);
			await new Recorder(connection, toolCall()).response();
			assert.equal(first.ends, 0);
			first.exchange.cancel();
			assert.equal((await first.error()).code, 'cancelled');
		},
	),

	onConnection('a reader that falls silent and comes back gets the rest', async (connect) => {
		const producer = new Producer(2 * 1024 * 1024);
		const { connection } = await connect(producer.handle);
		const stream = new Recorder(connection, streamStart(), { hold: true, windowBytes: chunkBytes });
		const [first] = await stream.partsUpTo(1);
		await producer.blocked();
		let taken = 0;
		if (first) stream.exchange.consumed(first);
		for (taken = 1; taken * chunkBytes < 2 * 1024 * 1024; taken += 1) {
			const parts = await stream.partsUpTo(taken + 1);
			stream.exchange.consumed(parts[taken] as PluginResponse);
		}
		assert.equal((await stream.response()).streamEnd?.success, true);
	}),

	onConnection('a chunk that is cancelled while its sender waits lets the sender go', async (connect) => {
		const released = signalled();
		const { connection } = await connect(async (exchange) => {
			for (let sequence = 0; !exchange.cancelled; sequence += 1) {
				await exchange.send(chunk(sequence, new Uint8Array(chunkBytes)));
			}
			released.settle();
			exchange.finish(streamEnd());
		});
		const stream = new Recorder(connection, streamStart(), { hold: true, windowBytes: 1 });
		await stream.partsUpTo(1);
		stream.exchange.cancel();
		await within(released.promise, 'the sender goes on');
	}),
];
