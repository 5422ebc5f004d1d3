import type { BusEvent } from './event-bus.ts';

/** Limits on the past that a bus keeps, to replay it. Whichever limit is reached first holds. */
export interface ReplayLimits {
	/** Events of each topic. Default 16; 0: nothing is kept. */
	readonly events: number;
	/** Bytes of each topic, counted as they lie in memory; an event above that is not kept. Default 256 KiB. */
	readonly topicBytes: number;
	/** Bytes in all; beyond that the topics go first that nobody has published to for the longest time. Default 4 MiB. */
	readonly bytes: number;
}

export const defaultReplayLimits: ReplayLimits = {
	events: 16,
	topicBytes: 256 * 1024,
	bytes: 4 * 1024 * 1024,
};

/** Bytes that an event costs here beside its payload: its fields and its places in the lists. */
const keptBytes = 256;

interface Kept {
	readonly event: BusEvent;
	readonly bytes: number;
	/** Counts the events of the bus, so that those of several topics can be put in order. */
	readonly number: number;
}

interface Past {
	readonly kept: Kept[];
	bytes: number;
}

/** The last events of each topic. */
export class EventHistory {
	readonly #limits: ReplayLimits;
	/** In the order in which the topics were last published to. */
	readonly #topics = new Map<string, Past>();
	#bytes = 0;
	#count = 0;

	constructor(limits: Partial<ReplayLimits> = {}) {
		this.#limits = { ...defaultReplayLimits, ...limits };
	}

	/** Bytes of all that is kept. */
	get bytes(): number {
		return this.#bytes;
	}

	/** @param payloadBytes what {@link eventSize} says of the payload */
	add(event: BusEvent, payloadBytes: number): void {
		const { events, topicBytes, bytes: allBytes } = this.#limits;
		const { topic } = event;
		const bytes = payloadBytes + keptBytes + 2 * (topic.length + event.eventType.length);
		const past = this.#topics.get(topic) ?? { kept: [], bytes: 0 };
		this.#topics.delete(topic);
		if (events < 1 || bytes > topicBytes || bytes > allBytes) {
			// A gap in the middle would look as if nothing had happened there: what lies before it goes too.
			this.#bytes -= past.bytes;
			return;
		}
		while (past.kept.length > 0 && (past.kept.length >= events || past.bytes + bytes > topicBytes)) {
			this.#dropOldest(past);
		}
		past.kept.push({ event, bytes, number: ++this.#count });
		past.bytes += bytes;
		this.#bytes += bytes;
		this.#topics.set(topic, past);
		if (this.#bytes > allBytes) this.#shrink(allBytes);
	}

	/**
	 * The last `count` events of each topic that are wanted, in the order in which they were published.
	 *
	 * @param topics topics to look at; all where it is left out
	 */
	last(
		count: number,
		wants: (event: BusEvent) => boolean,
		topics: Iterable<string> = this.#topics.keys(),
	): BusEvent[] {
		const found: Kept[] = [];
		for (const topic of topics) {
			const wanted = this.#topics.get(topic)?.kept.filter(({ event }) => wants(event)) ?? [];
			found.push(...wanted.slice(Math.max(0, wanted.length - count)));
		}
		return found.sort((a, b) => a.number - b.number).map(({ event }) => event);
	}

	#shrink(allBytes: number): void {
		for (const [topic, past] of this.#topics) {
			while (this.#bytes > allBytes && past.kept.length > 0) this.#dropOldest(past);
			if (past.kept.length > 0) return;
			this.#topics.delete(topic);
		}
	}

	#dropOldest(past: Past): void {
		const bytes = past.kept.shift()?.bytes ?? 0;
		past.bytes -= bytes;
		this.#bytes -= bytes;
	}
}
