import type { Connection } from '../carrier/carrier.ts';
import type { OpenOptions } from '../carrier/outgoing-exchange.ts';
import type { JsonObject } from '../wire/json-value.ts';
import type { CallOptions } from './call-options.ts';
import { ChunkQueue, type ToolChunk } from './chunk-queue.ts';
import { type EventItem, eventsService, readEventBatch, type SubscribeArguments } from './event-batch.ts';
import { ToolStream } from './tool-stream.ts';

/** An event as a client hears it. */
export interface ReceivedEvent {
	/** Unique: a UUID. */
	readonly id: string;
	/** Time when the server took it. */
	readonly time: Date;
	readonly topic: string;
	/** Empty where the publisher gave none. */
	readonly eventType: string;
	/** Empty where the publisher gave none. */
	readonly payload: JsonObject;
	/** Publisher, by certificate. */
	readonly source: string;
	/** Events before this one that this client did not hear, because it was behind. */
	readonly missed: number;
	/** W3C trace context of what published it; left out for none. */
	readonly traceParent?: string;
}

/** Events that a client hears, and for how long. */
export interface EventsOptions
	extends Pick<CallOptions, 'signal'>,
		Pick<SubscribeArguments, 'filters' | 'replay'> {
	/** Milliseconds for the whole stream. Default: as long as the connection. */
	readonly timeoutMs?: number | undefined;
	/** Bytes that may be under way before the reader takes them. Default 256 KiB; the rest waits at the server. */
	readonly windowBytes?: number | undefined;
}

/**
 * Events, for one `for await`. The subscription begins with the first read, or with {@link ready}; leaving the loop ends it. A reader
 * that is behind misses events, and is told how many.
 */
export interface EventStream extends AsyncIterableIterator<ReceivedEvent, undefined>, AsyncDisposable {
	/** Events that this client did not hear so far. */
	readonly missed: number;
	/**
	 * Subscribes, and resolves when the server has done so: what is published from then on is heard.
	 *
	 * @throws PeerError as reading does
	 */
	ready(): Promise<void>;
	/** Ends the subscription, also while a read waits. */
	return(): Promise<IteratorResult<ReceivedEvent, undefined>>;
}

/** Reads events from the events service of a peer. */
export function readEvents(
	connection: Connection,
	topics: string | readonly string[],
	{ filters, replay, signal, timeoutMs = Number.POSITIVE_INFINITY, windowBytes }: EventsOptions,
): EventStream {
	const args: SubscribeArguments = {
		topics: typeof topics === 'string' ? [topics] : [...topics],
		...(filters ? { filters: { ...filters } } : {}),
		...(replay ? { replay } : {}),
	};
	return new ServiceEventStream(connection, args, { signal, timeoutMs, windowBytes });
}

class ServiceEventStream implements EventStream {
	readonly #stream: ToolStream;
	readonly #queue: ChunkQueue;
	/** The first batch, which says that the subscription stands. */
	#first: Promise<IteratorResult<ToolChunk, undefined>> | undefined;
	readonly #events: AsyncGenerator<ReceivedEvent, undefined>;
	#missed = 0;

	constructor(connection: Connection, args: SubscribeArguments, options: OpenOptions) {
		const { name: service, version } = eventsService;
		const peer = connection.peer.name || connection.peer.address || 'the peer';
		this.#queue = new ChunkQueue(`${service}.subscribe`, peer, undefined);
		const request = {
			requestId: crypto.randomUUID(),
			serviceCall: { service, version, method: 'subscribe', arguments: { ...args } as unknown as JsonObject },
		};
		this.#stream = new ToolStream(connection, request, this.#queue, options);
		this.#events = this.#read();
	}

	get missed(): number {
		return this.#missed;
	}

	async ready(): Promise<void> {
		this.#first ??= this.#stream.next();
		await this.#first;
	}

	[Symbol.asyncIterator](): this {
		return this;
	}

	next(): Promise<IteratorResult<ReceivedEvent, undefined>> {
		return this.#events.next();
	}

	return(): Promise<IteratorResult<ReceivedEvent, undefined>> {
		// First the stream: a read that waits would never let the generator go.
		void this.#stream.return();
		return this.#events.return(undefined);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.return();
	}

	async *#read(): AsyncGenerator<ReceivedEvent, undefined> {
		try {
			this.#first ??= this.#stream.next();
			for (let next = await this.#first; !next.done; next = await this.#stream.next()) {
				for (const item of readEventBatch(next.value.data, this.#queue)) yield this.#received(item);
			}
		} finally {
			void this.#stream.return();
		}
		return undefined;
	}

	#received({
		id,
		time,
		topic,
		eventType,
		payload = {},
		source,
		missed = 0,
		traceParent,
	}: EventItem): ReceivedEvent {
		this.#missed += missed;
		// Field by field: a rest of fields costs more than all else that is done with an event here.
		const event = { id, time: new Date(time), topic, eventType, payload, source, missed };
		return traceParent ? Object.assign(event, { traceParent }) : event;
	}
}
