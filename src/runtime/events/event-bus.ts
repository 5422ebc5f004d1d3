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
	/** Who published it, as the certificate says; empty where that is not known. */
	readonly source: string;
}

/** An event that is published. */
export type NewEvent = Omit<BusEvent, 'id' | 'time'>;

/** Who hears events. */
export interface BusSubscriber {
	/** For messages: a plugin's id, a client's name. */
	readonly name: string;
	/** Takes one event; the next follows when this has settled. `missed` counts the events that were dropped right before it. */
	deliver(event: BusEvent, missed: number): unknown;
}

/** What a subscriber hears. An event that fits several of its interests is delivered once. */
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
	/** Takes an event for every subscriber that wants it. Returns at once. @throws OrchestraError `invalid_topic` */
	publish(event: NewEvent): void;
	/** Adds a subscriber, which hears nothing until an interest is added. */
	subscribe(subscriber: BusSubscriber): BusSubscription;
}
