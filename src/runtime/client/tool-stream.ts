import type { Connection } from '../carrier/carrier.ts';
import type { OpenOptions } from '../carrier/outgoing-exchange.ts';
import type { PluginRequest } from '../wire/generated/messages.ts';
import type { ChunkQueue, ToolChunk } from './chunk-queue.ts';

/**
 * The reading side of a streaming tool, for one `for await`. The stream starts with the first `next`, so one that is never
 * read costs nothing; leaving the loop early tells the peer to stop.
 */
export class ToolStream implements AsyncIterableIterator<ToolChunk, undefined> {
	readonly #connection: Connection;
	readonly #request: PluginRequest;
	readonly #queue: ChunkQueue;
	readonly #options: OpenOptions | undefined;

	constructor(
		connection: Connection,
		request: PluginRequest,
		queue: ChunkQueue,
		options: OpenOptions | undefined,
	) {
		this.#connection = connection;
		this.#request = request;
		this.#queue = queue;
		this.#options = options;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	next(): Promise<IteratorResult<ToolChunk, undefined>> {
		const taken = this.#queue.take();
		if (!this.#queue.started) {
			this.#queue.exchange = this.#connection.exchange(this.#request, this.#queue, this.#options);
		}
		return taken;
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
