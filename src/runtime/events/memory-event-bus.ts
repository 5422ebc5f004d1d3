import { randomUUID } from 'node:crypto';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { BusEvent, BusSubscriber, BusSubscription, EventBus, NewEvent } from './event-bus.ts';
import { type EventFilters, matchesFilters } from './event-filters.ts';
import { EventQueue } from './event-queue.ts';
import { eventSize } from './event-size.ts';
import { type TopicPattern, topicPattern } from './topic-pattern.ts';

/** Interests of one subscriber, at most: they come from peers. */
const maxInterests = 1024;

/** What a bus tells of subscribers that have trouble. */
export type BusFault = (subscriber: string, message: string) => void;

interface Interest {
	readonly pattern: TopicPattern;
	readonly filters: EventFilters;
}

/** The bus of one process. */
export class MemoryEventBus implements EventBus {
	/** Subscribers that name a topic exactly, by topic: most events find theirs without a look at the others. */
	readonly #exact = new Map<string, Set<Subscriber>>();
	readonly #wild = new Set<Subscriber>();
	readonly #onFault: BusFault;
	#published = 0;

	constructor(onFault: BusFault = () => {}) {
		this.#onFault = onFault;
	}

	publish(event: NewEvent): void {
		if (event.topic === '') throw new OrchestraError('invalid_topic', 'an event needs a topic');
		const exact = this.#exact.get(event.topic);
		const count = ++this.#published;
		if (!exact && this.#wild.size === 0) return;
		let full: BusEvent | undefined;
		let bytes = 0;
		for (const subscribers of exact ? [exact, this.#wild] : [this.#wild]) {
			for (const subscriber of subscribers) {
				if (subscriber.last === count || !subscriber.wants(event)) continue;
				if (full === undefined) {
					full = { ...event, id: randomUUID(), time: Date.now() };
					bytes = eventSize(event.payload);
				}
				subscriber.last = count;
				subscriber.queue.push(full, bytes);
			}
		}
	}

	subscribe(subscriber: BusSubscriber): BusSubscription {
		return new Subscriber(subscriber, this.#exact, this.#wild, this.#onFault);
	}
}

class Subscriber implements BusSubscription {
	readonly queue: EventQueue<BusEvent>;
	/** Number of the event that it was given last, so that one which fits twice is given once. */
	last = 0;
	readonly #interests = new Map<string, Interest>();
	readonly #exact: Map<string, Set<Subscriber>>;
	readonly #wild: Set<Subscriber>;
	readonly #name: string;
	#closed = false;

	constructor(
		subscriber: BusSubscriber,
		exact: Map<string, Set<Subscriber>>,
		wild: Set<Subscriber>,
		onFault: BusFault,
	) {
		const { name } = subscriber;
		this.#name = name;
		this.#exact = exact;
		this.#wild = wild;
		this.queue = new EventQueue<BusEvent>({
			deliver: (event, missed) => subscriber.deliver(event, missed),
			onBehind: () => onFault(name, `${name} is behind: events for it are being dropped`),
			onFault: (error, { topic }) =>
				onFault(name, `an event of topic ${topic} did not reach ${name}: ${(error as Error).message}`),
		});
	}

	get topics(): string[] {
		return [...new Set([...this.#interests.values()].map(({ pattern }) => pattern.text))];
	}

	get missed(): number {
		return this.queue.dropped;
	}

	wants({ topic, payload }: NewEvent): boolean {
		for (const { pattern, filters } of this.#interests.values()) {
			if (pattern.matches(topic) && matchesFilters(filters, payload)) return true;
		}
		return false;
	}

	add(id: string, topic: string, filters: EventFilters = {}): void {
		if (this.#closed) return;
		const pattern = topicPattern(topic);
		if (!this.#interests.has(id) && this.#interests.size >= maxInterests) {
			throw new OrchestraError('overloaded', `${this.#name} has ${maxInterests} subscriptions already`, {
				hint: 'Use a pattern for many topics, or end subscriptions that are not needed.',
			});
		}
		this.remove(id);
		this.#interests.set(id, { pattern, filters: { ...filters } });
		if (!pattern.exact) this.#wild.add(this);
		else {
			const others = this.#exact.get(topic) ?? new Set();
			this.#exact.set(topic, others.add(this));
		}
	}

	remove(id: string): void {
		const interest = this.#interests.get(id);
		if (!interest) return;
		this.#interests.delete(id);
		const rest = [...this.#interests.values()];
		const { text, exact } = interest.pattern;
		if (!exact) {
			if (!rest.some(({ pattern }) => !pattern.exact)) this.#wild.delete(this);
		} else if (!rest.some(({ pattern }) => pattern.text === text)) {
			const others = this.#exact.get(text);
			others?.delete(this);
			if (others?.size === 0) this.#exact.delete(text);
		}
	}

	close(): void {
		this.#closed = true;
		for (const id of [...this.#interests.keys()]) this.remove(id);
		this.queue.close();
	}
}
