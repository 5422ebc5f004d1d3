import type { EventBatch, EventItem, SubscribeArguments } from '../client/event-batch.ts';
import type { BusEvent, BusSubscription, EventBus } from '../events/event-bus.ts';
import { eventsServiceDefinition, type PublishArguments } from '../services/events-service.ts';
import { type ServedService, type ServiceContext, serveService } from '../services/service-server.ts';
import { isObject } from '../wire/json-value.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** Streams of one client, by its certificate, at most. */
const maxStreams = 64;

/** Topics of one stream, at most. */
const maxTopics = 64;

/** Filters of one stream, at most. */
const maxFilters = 64;

/** Events of a topic's past that can be asked for. */
const maxReplay = 1000;

/** Events that are sent at once, at most: a frame for each would cost more than the event. */
const maxBatch = 256;

/** Streams of events for the clients of an orchestrator, each a stream of the events service. */
export class EventStreams {
	readonly service: ServedService;
	readonly #bus: EventBus;
	readonly #open = new Map<
		BusSubscription,
		{ readonly client: string; readonly end: (why: OrchestraError) => void }
	>();

	constructor(bus: EventBus) {
		this.#bus = bus;
		this.service = serveService(eventsServiceDefinition, {
			subscribe: (args, context) => this.#subscribe(args, context),
			publish: ({ topic, eventType = '', payload }: PublishArguments, { caller, traceParent }) => {
				assertPublish({ topic, eventType, payload });
				const event = { topic, eventType, payload, source: caller };
				return eventItem(bus.publish(traceParent ? { ...event, traceParent } : event));
			},
		});
	}

	/** Topics of each client, and how many events it missed. */
	list(): { plugin: string; topics: string[]; missed: number }[] {
		return [...this.#open].map(([{ topics, missed }, { client }]) => ({
			plugin: client,
			topics: [...topics],
			missed,
		}));
	}

	/** Ends all streams. */
	end(why: OrchestraError): void {
		for (const { end } of this.#open.values()) end(why);
	}

	async *#subscribe(
		args: SubscribeArguments,
		{ caller, signal }: ServiceContext,
	): AsyncGenerator<EventBatch, void> {
		const { topics, filters = {}, replay = 0 } = assertSubscribe(args);
		this.#assertRoom(caller);
		const handover = new Handover();
		const stop = () => handover.wake();
		const subscription = this.#bus.subscribe({
			name: caller || 'a client',
			maxBatch,
			deliver: (events, missed) => handover.give(events, missed),
		});
		this.#open.set(subscription, { client: caller, end: (why) => handover.end(why) });
		signal.addEventListener('abort', stop, { once: true });
		try {
			for (const [index, topic] of topics.entries()) subscription.add(String(index), topic, filters);
			if (replay > 0) subscription.replay(replay);
			yield { events: [] };
			while (!signal.aborted) {
				const batch = await handover.take();
				if (batch) yield batch;
			}
		} finally {
			signal.removeEventListener('abort', stop);
			this.#open.delete(subscription);
			subscription.close();
			handover.wake();
		}
	}

	/** @throws OrchestraError `overloaded` */
	#assertRoom(caller: string): void {
		let count = 0;
		for (const { client } of this.#open.values()) if (client === caller) count++;
		if (count < maxStreams) return;
		throw new OrchestraError(
			'overloaded',
			`${caller || 'a client'} reads ${maxStreams} streams of events already`,
			{
				hint: 'Read several topics as one stream, or end streams that are not needed.',
			},
		);
	}
}

/**
 * Connects the queue of a subscriber with its stream. The queue waits until the stream comes back for more, which it does when the
 * client has room: so a client that does not read fills its queue, and nothing else.
 */
class Handover {
	#batch: EventBatch | undefined;
	#taken: (() => void) | undefined;
	#wake: (() => void) | undefined;
	#ended: OrchestraError | undefined;

	/** Resolves when the batch was sent. */
	give(events: readonly BusEvent[], missed: number): Promise<void> {
		this.#batch = { events: events.map((event, index) => eventItem(event, index === 0 ? missed : 0)) };
		return new Promise((resolve) => {
			this.#taken = resolve;
			this.wake();
		});
	}

	/** The next batch; undefined where it was only woken. The one before counts as sent. @throws what {@link end} was given */
	async take(): Promise<EventBatch | undefined> {
		if (!this.#batch) {
			this.#taken?.();
			this.#taken = undefined;
			if (this.#ended) throw this.#ended;
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
		const batch = this.#batch;
		this.#batch = undefined;
		return batch;
	}

	/** Ends it: events that were given are still taken, then this comes. */
	end(why: OrchestraError): void {
		this.#ended = why;
		this.wake();
	}

	wake(): void {
		this.#wake?.();
		this.#wake = undefined;
	}
}

function eventItem(
	{ id, time, topic, eventType, payload, source, traceParent }: BusEvent,
	missed = 0,
): EventItem {
	return {
		id,
		time,
		topic,
		eventType,
		source,
		...(payload ? { payload } : {}),
		...(missed > 0 ? { missed } : {}),
		...(traceParent ? { traceParent } : {}),
	};
}

/** @throws OrchestraError `invalid_arguments` */
function assertSubscribe(args: SubscribeArguments): SubscribeArguments {
	const { topics, filters, replay } = args as Partial<Record<keyof SubscribeArguments, unknown>>;
	if (!Array.isArray(topics) || topics.length === 0 || !topics.every((topic) => typeof topic === 'string')) {
		throw wrong('/topics', 'has to be a list of topics');
	}
	if (topics.length > maxTopics) throw wrong('/topics', `has at most ${maxTopics} topics`);
	if (filters !== undefined) {
		if (!isObject(filters)) throw wrong('/filters', 'has to be an object');
		const values = Object.values(filters);
		if (!values.every((value) => typeof value === 'string'))
			throw wrong('/filters', 'has strings as its values');
		if (values.length > maxFilters) throw wrong('/filters', `has at most ${maxFilters} fields`);
	}
	if (
		replay !== undefined &&
		!(Number.isInteger(replay) && (replay as number) >= 0 && (replay as number) <= maxReplay)
	) {
		throw wrong('/replay', `has to be an integer from 0 to ${maxReplay}`);
	}
	return args;
}

/** @throws OrchestraError `invalid_arguments` */
function assertPublish({ topic, eventType, payload }: Record<keyof PublishArguments, unknown>): void {
	if (typeof topic !== 'string') throw wrong('/topic', 'has to be a string');
	if (typeof eventType !== 'string') throw wrong('/eventType', 'has to be a string');
	if (payload !== undefined && !isObject(payload)) throw wrong('/payload', 'has to be an object');
}

function wrong(pointer: string, what: string): OrchestraError {
	return new OrchestraError('invalid_arguments', `${pointer} ${what}`, { details: { pointer } });
}
