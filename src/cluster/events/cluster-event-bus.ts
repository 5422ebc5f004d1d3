import type {
	BusEvent,
	BusSubscriber,
	BusSubscription,
	EventBus,
	NewEvent,
} from '../../runtime/events/event-bus.ts';
import type { EventFilters } from '../../runtime/events/event-filters.ts';
import { MemoryEventBus } from '../../runtime/events/memory-event-bus.ts';
import { topicPattern } from '../../runtime/events/topic-pattern.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';
import type { Heard, NatsLink } from '../nats/nats-link.ts';
import type { Subjects } from '../nats/subjects.ts';
import type { DurableEvents } from './durable-events.ts';
import { decodeEvent, encodeEvent } from './event-message.ts';
import { RecentIds } from './recent-ids.ts';

/** Ways of a bus to other nodes. */
export interface EventWays {
	readonly link: NatsLink;
	readonly subjects: Subjects;
	readonly node: string;
	/** Undefined where no topics are kept. */
	readonly durable: DurableEvents | undefined;
}

/** Ids of events that are remembered: one that fits two subscriptions of this node comes twice. */
const rememberedIds = 8192;

/**
 * The bus of a node. Its own subscribers hear its own events as ever, at once and whatever becomes of NATS; what a subscriber here
 * asks for, this node asks NATS for.
 */
export class ClusterEventBus implements EventBus {
	readonly #local: MemoryEventBus;
	readonly #onProblem: (message: string) => void;
	readonly #seen = new RecentIds(rememberedIds);
	/** Patterns that subscribers here have, how many, and what ends the subscriptions for them. */
	readonly #patterns = new Map<string, { count: number; end: () => void }>();
	#ways: EventWays | undefined;
	#missed = 0;

	/** @param onProblem takes sentences about events that did not get through */
	constructor(onProblem: (subscriber: string, message: string) => void) {
		this.#local = new MemoryEventBus(onProblem);
		this.#onProblem = (message) => onProblem('orchestrator', message);
	}

	/** Lets events go to other nodes and come from there, from now on. */
	attach(ways: EventWays): void {
		this.#ways = ways;
		for (const [pattern, entry] of this.#patterns) entry.end = this.#listen(pattern);
		ways.durable?.attach((from, topic, data, settled) => this.#heardEvent(from, topic, data, settled));
	}

	publish(event: NewEvent): BusEvent {
		const full = this.#local.publish(event);
		this.#send(full);
		return full;
	}

	subscribe(subscriber: BusSubscriber): BusSubscription {
		return new ClusterSubscription(this.#local.subscribe(subscriber), this);
	}

	/** Takes events of a pattern from other nodes, for one more of its subscriptions. */
	want(pattern: string): void {
		const entry = this.#patterns.get(pattern);
		if (entry) entry.count++;
		else this.#patterns.set(pattern, { count: 1, end: this.#listen(pattern) });
	}

	/** Ends that for one of them. */
	drop(pattern: string): void {
		const entry = this.#patterns.get(pattern);
		if (!entry || --entry.count > 0) return;
		this.#patterns.delete(pattern);
		entry.end();
	}

	#listen(pattern: string): () => void {
		const ways = this.#ways;
		if (!ways) return () => {};
		const ends = ways.subjects
			.eventsLike('event', pattern)
			.map((subject) => ways.link.subscribe(subject, (message) => this.#heard(message)));
		return () => {
			for (const end of ends) end();
		};
	}

	#heard({ subject, data }: Heard): void {
		const known = this.#ways?.subjects.readEvent(subject);
		if (known) this.#heardEvent(known.from, known.topic, data);
	}

	#heardEvent(from: string, topic: string, data: Uint8Array, settled?: () => void): void {
		const event = from === this.#ways?.node ? undefined : decodeEvent(topic, data);
		if (!event || !this.#seen.isNew(event.id)) {
			settled?.();
			return;
		}
		try {
			this.#local.hear(event, settled);
		} catch (error) {
			settled?.();
			this.#onProblem(`an event of node ${from} is not taken: ${(error as Error).message}`);
		}
	}

	#send(event: BusEvent): void {
		const ways = this.#ways;
		if (!ways) return;
		const { link, subjects, node, durable } = ways;
		const data = encodeEvent(event);
		if (data.length > link.maxPayload) {
			this.#onProblem(
				`an event of topic ${event.topic} is heard on this node only: it has ${data.length} bytes, and NATS takes ${link.maxPayload}`,
			);
			return;
		}
		if (durable?.keeps(event.topic)) {
			durable.publish(subjects.event('durable', node, event.topic), event.id, data);
			return;
		}
		if (!link.up) {
			// Said once for each time that NATS is away.
			if (this.#missed++ === 0) this.#onProblem('NATS is away: events are heard on this node only');
			return;
		}
		this.#missed = 0;
		try {
			link.publish(subjects.event('event', node, event.topic), data);
		} catch (error) {
			this.#onProblem(OrchestraError.from(error, 'cluster_unavailable').message);
		}
	}
}

class ClusterSubscription implements BusSubscription {
	readonly #local: BusSubscription;
	readonly #bus: ClusterEventBus;
	readonly #wanted = new Map<string, string>();

	constructor(local: BusSubscription, bus: ClusterEventBus) {
		this.#local = local;
		this.#bus = bus;
	}

	get topics(): readonly string[] {
		return this.#local.topics;
	}

	get missed(): number {
		return this.#local.missed;
	}

	add(id: string, topic: string, filters?: EventFilters): void {
		const { text } = topicPattern(topic);
		this.#local.add(id, topic, filters);
		this.#bus.want(text);
		this.#forget(id);
		this.#wanted.set(id, text);
	}

	replay(count: number, id?: string): void {
		this.#local.replay(count, id);
	}

	remove(id: string): void {
		this.#local.remove(id);
		this.#forget(id);
	}

	close(): void {
		this.#local.close();
		for (const id of [...this.#wanted.keys()]) this.#forget(id);
	}

	#forget(id: string): void {
		const pattern = this.#wanted.get(id);
		if (pattern === undefined) return;
		this.#wanted.delete(id);
		this.#bus.drop(pattern);
	}
}
