import { randomUUID } from 'node:crypto';
import { OrchestraError } from '../wire/orchestra-error.ts';
import type { BusEvent, BusSubscriber, BusSubscription, EventBus, NewEvent } from './event-bus.ts';
import { type EventFilters, matchesFilters } from './event-filters.ts';
import { EventHistory, type ReplayLimits } from './event-history.ts';
import { EventQueue } from './event-queue.ts';
import { checkedEventSize, eventSize } from './event-size.ts';
import { assertTopic, type TopicPattern, topicPattern } from './topic-pattern.ts';

/** Interests of one subscriber, at most: they come from peers. */
const maxInterests = 1024;

/** Called when a subscriber has trouble. */
export type BusFault = (subscriber: string, message: string) => void;

/** Options of a bus. */
export interface MemoryEventBusOptions {
	/** Limits on the past that it keeps. Default: the last 16 events of each topic, 256 KiB of each and 4 MiB in all. */
	readonly replay?: Partial<ReplayLimits> | undefined;
}

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
	readonly #history: EventHistory;
	#published = 0;

	constructor(onFault: BusFault = () => {}, { replay }: MemoryEventBusOptions = {}) {
		this.#onFault = onFault;
		this.#history = new EventHistory(replay);
	}

	publish(event: NewEvent): BusEvent {
		const { topic, eventType, payload, source, traceParent } = event;
		assertTopic(topic);
		const bytes = checkedEventSize(topic, eventType, payload);
		const known = { id: randomUUID(), time: Date.now(), topic, eventType, payload, source };
		const full: BusEvent = traceParent ? { ...known, traceParent } : known;
		this.#pass(full, bytes);
		return full;
	}

	/**
	 * Takes an event that another bus has published, with its id and its time.
	 *
	 * @param settled called when every subscriber that it fits and that acknowledges events has taken it, or has ended; within the call
	 * where there is none. No queue of theirs drops the event then: whoever calls bounds how many are not settled
	 * @throws OrchestraError as {@link publish}
	 */
	hear(event: BusEvent, settled?: () => void): void {
		assertTopic(event.topic);
		const bytes = checkedEventSize(event.topic, event.eventType, event.payload);
		if (!settled) {
			this.#pass(event, bytes);
			return;
		}
		// One for this call itself: the first subscriber may have taken it before the last is asked.
		let left = 1;
		const one = () => {
			if (--left === 0) settled();
		};
		this.#pass(event, bytes, () => {
			left++;
			return one;
		});
		one();
	}

	/** @param holds called for each subscriber that it fits and that acknowledges events: gives what the subscriber calls when it has taken it */
	#pass(full: BusEvent, bytes: number, holds?: () => () => void): void {
		const { topic } = full;
		const count = ++this.#published;
		const exact = this.#exact.get(topic);
		if (exact) for (const subscriber of exact) subscriber.offer(full, bytes, count, holds);
		for (const subscriber of this.#wild) subscriber.offer(full, bytes, count, holds);
		this.#history.add(full, bytes);
	}

	subscribe(subscriber: BusSubscriber): BusSubscription {
		return new Subscriber(subscriber, this.#exact, this.#wild, this.#history, this.#onFault);
	}
}

class Subscriber implements BusSubscription {
	readonly #queue: EventQueue<BusEvent>;
	/** Number of the event that it was given last, so that one which fits twice is given once. */
	#last = 0;
	readonly #interests = new Map<string, Interest>();
	readonly #exact: Map<string, Set<Subscriber>>;
	readonly #wild: Set<Subscriber>;
	readonly #history: EventHistory;
	readonly #name: string;
	readonly #acknowledges: boolean;
	#closed = false;

	constructor(
		subscriber: BusSubscriber,
		exact: Map<string, Set<Subscriber>>,
		wild: Set<Subscriber>,
		history: EventHistory,
		onFault: BusFault,
	) {
		const { name, maxBatch, acknowledges = false } = subscriber;
		this.#name = name;
		this.#acknowledges = acknowledges;
		this.#exact = exact;
		this.#wild = wild;
		this.#history = history;
		this.#queue = new EventQueue<BusEvent>({
			maxBatch,
			deliver: (events, missed) => subscriber.deliver(events, missed),
			onBehind: () => onFault(name, `${name} is behind: events for it are being dropped`),
			onFault: (error, { topic }) =>
				onFault(name, `an event of topic ${topic} did not reach ${name}: ${(error as Error).message}`),
		});
	}

	get topics(): string[] {
		return [...new Set([...this.#interests.values()].map(({ pattern }) => pattern.text))];
	}

	get missed(): number {
		return this.#queue.dropped;
	}

	/** Takes an event if it wants it. @param count the number of the event */
	offer(event: BusEvent, bytes: number, count: number, holds?: () => () => void): void {
		if (this.#last === count || !this.#wants(event)) return;
		this.#last = count;
		this.#queue.push(event, bytes, this.#acknowledges ? holds?.() : undefined);
	}

	replay(count: number, id?: string): void {
		const one = id === undefined ? undefined : this.#interests.get(id);
		if (this.#closed || (id !== undefined && !one)) return;
		const wants = one ? (event: BusEvent) => fits(one, event) : (event: BusEvent) => this.#wants(event);
		const meant = one ? [one] : [...this.#interests.values()];
		// Where all patterns name a topic exactly, nothing else needs to be looked at.
		const topics = meant.every(({ pattern }) => pattern.exact)
			? new Set(meant.map(({ pattern }) => pattern.text))
			: undefined;
		for (const event of this.#history.last(count, wants, topics)) {
			this.#queue.push(id === undefined ? event : { ...event, replayedFor: id }, eventSize(event.payload));
		}
	}

	#wants(event: BusEvent): boolean {
		for (const interest of this.#interests.values()) if (fits(interest, event)) return true;
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
		this.#queue.close();
	}
}

function fits({ pattern, filters }: Interest, { topic, payload }: BusEvent): boolean {
	return pattern.matches(topic) && matchesFilters(filters, payload);
}
