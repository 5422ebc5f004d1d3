import type { JsonObject } from '../wire/json-value.ts';
import type { EventFilters } from './event-filters.ts';

/** An event on a bus. It may be shared among subscribers: nobody may change it. */
export interface BusEvent {
	/** Unique: a UUID. */
	readonly id: string;
	/** When the bus took it, in milliseconds of Date.now(). */
	readonly time: number;
	readonly topic: string;
	/** Empty where the publisher gave none. */
	readonly eventType: string;
	readonly payload: JsonObject | undefined;
	/** Publisher, as the certificate says; empty where that is not known. */
	readonly source: string;
	/** W3C trace context of what published it; undefined for none. */
	readonly traceParent?: string | undefined;
	/** The interest that it is replayed for, which alone has not heard it; undefined where all that it fits are meant. */
	readonly replayedFor?: string | undefined;
}

/** An event that is published. */
export type NewEvent = Omit<BusEvent, 'id' | 'time' | 'replayedFor'>;

/** A receiver of events. */
export interface BusSubscriber {
	/** Name of the subscriber in messages: a plugin's id, a client's name. */
	readonly name: string;
	/** Events that it takes at once, at most. Default 1. */
	readonly maxBatch?: number | undefined;
	/**
	 * Whether an event that is kept somewhere counts as heard only when a delivery of it has ended here. Each delivery has to end in a
	 * bounded time then: kept events of others wait for it. Default false: such an event counts as heard when it waits here.
	 */
	readonly acknowledges?: boolean | undefined;
	/**
	 * Takes events, in order; the next follow when this has settled. `missed` counts the events that were dropped right before the
	 * first.
	 */
	deliver(events: readonly BusEvent[], missed: number): unknown;
}

/** A subscription of one subscriber. An event that fits several of its interests is delivered once. */
export interface BusSubscription {
	/** The patterns of its interests. */
	readonly topics: readonly string[];
	/** Events that this subscriber missed because it was behind. */
	readonly missed: number;
	/**
	 * Adds an interest, or replaces the one of that id.
	 *
	 * @param topic a {@link topicPattern}
	 * @throws OrchestraError `invalid_topic`; `overloaded` beyond 1,024 interests
	 */
	add(id: string, topic: string, filters?: EventFilters): void;
	/**
	 * Delivers again what the bus has kept: of each topic the last `count` events that fit, in the order in which they were published,
	 * before any that is published from now on. A bus may have kept fewer, or none.
	 *
	 * @param id the interest that is meant, as `replayedFor` of the events says then; all of them if left out
	 */
	replay(count: number, id?: string): void;
	/** Forgets an interest. */
	remove(id: string): void;
	/** Forgets the subscriber and what waits for it. */
	close(): void;
}

/**
 * Passes events from publishers to subscribers. Each subscriber has a queue of its own, bounded in events and bytes, so that a slow
 * one delays nobody; the order of events is the same for all.
 */
export interface EventBus {
	/**
	 * Takes an event for every subscriber that wants it. Returns at once.
	 *
	 * @returns the event with its id and time
	 * @throws OrchestraError `invalid_topic`, `event_too_large`
	 */
	publish(event: NewEvent): BusEvent;
	/** Adds a subscriber, which hears nothing until an interest is added. */
	subscribe(subscriber: BusSubscriber): BusSubscription;
}
