import type { Connection } from '../carrier/carrier.ts';
import type { OpenOptions } from '../carrier/outgoing-exchange.ts';
import type { PluginRequest, StreamInput } from '../wire/generated/messages.ts';
import type { ChunkQueue, ToolChunk } from './chunk-queue.ts';
import { InputPump } from './input-pump.ts';
import { openExchange } from './open-exchange.ts';

/**
 * The reading side of a streaming tool, for one `for await`. The stream starts with the first `next`, so one that is never
 * read costs nothing; leaving the loop early tells the peer to stop.
 */
export class ToolStream implements AsyncIterableIterator<ToolChunk, undefined> {
	readonly #connection: Connection;
	readonly #request: PluginRequest;
	readonly #queue: ChunkQueue;
	readonly #options: OpenOptions | undefined;
	readonly #inputs: AsyncIterable<StreamInput> | undefined;

	/** @param inputs what is sent after the request; its source is let go when the stream ends */
	constructor(
		connection: Connection,
		request: PluginRequest,
		queue: ChunkQueue,
		options: OpenOptions | undefined,
		inputs?: AsyncIterable<StreamInput>,
	) {
		this.#connection = connection;
		this.#request = request;
		this.#queue = queue;
		this.#options = options;
		this.#inputs = inputs;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	next(): Promise<IteratorResult<ToolChunk, undefined>> {
		const taken = this.#queue.take();
		if (!this.#queue.started) this.#start();
		return taken;
	}

	#start(): void {
		const queue = this.#queue;
		if (!this.#inputs) {
			queue.exchange = openExchange(this.#connection, this.#request, queue, this.#options);
			return;
		}
		const pump = new InputPump(this.#inputs);
		queue.onEnd = () => pump.stop();
		const options = { ...this.#options, sendsInput: true };
		queue.exchange = openExchange(this.#connection, this.#request, queue, options);
		pump.start(queue.exchange);
	}

	return(): Promise<IteratorResult<ToolChunk, undefined>> {
		this.#queue.stop();
		return Promise.resolve({ done: true, value: undefined });
	}

	throw(error: unknown): Promise<IteratorResult<ToolChunk, undefined>> {
		this.#queue.stop();
		return Promise.reject(error);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#queue.stop();
	}
}
