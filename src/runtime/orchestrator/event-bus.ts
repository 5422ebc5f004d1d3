import type { Connection } from '../carrier/carrier.ts';
import type { Publish } from '../wire/generated/messages.ts';

/** Events that may wait for one plugin. Above that the oldest that waits is dropped, and counted. */
const maxQueuedEvents = 1024;

/** Milliseconds that a plugin has to acknowledge an event. */
const deliveryTimeoutMs = 10_000;

interface Subscriber {
	readonly connection: Connection;
	readonly topics: ReadonlySet<string>;
	readonly queue: Publish[];
	delivering: boolean;
	dropped: number;
}

/**
 * Passes events on to the plugins that need them, in the order in which they were published: one at a time for each plugin,
 * so that a slow one holds up nobody else. Filters are the plugin's own business.
 */
export class EventBus {
	readonly #subscribers = new Map<string, Subscriber>();
	readonly #onFault: (pluginId: string, message: string) => void;

	constructor(onFault: (pluginId: string, message: string) => void) {
		this.#onFault = onFault;
	}

	/** Delivers events of these topics to a plugin from now on. */
	subscribe(pluginId: string, topics: readonly string[], connection: Connection): void {
		if (topics.length === 0) return;
		this.#subscribers.set(pluginId, {
			connection,
			topics: new Set(topics),
			queue: [],
			delivering: false,
			dropped: 0,
		});
	}

	/** Forgets a plugin and the events that wait for it. */
	unsubscribe(pluginId: string): void {
		this.#subscribers.delete(pluginId);
	}

	/** Takes an event for every plugin that needs its topic. Returns at once. */
	publish(event: Publish): void {
		for (const [id, subscriber] of this.#subscribers) {
			if (!subscriber.topics.has(event.topic ?? '')) continue;
			if (subscriber.queue.length >= maxQueuedEvents) {
				subscriber.queue.shift();
				subscriber.dropped += 1;
				if (subscriber.dropped === 1) this.#onFault(id, `${id} is behind: events for it are being dropped`);
			}
			subscriber.queue.push(event);
			this.#deliver(id, subscriber);
		}
	}

	#deliver(id: string, subscriber: Subscriber): void {
		if (subscriber.delivering) return;
		const event = subscriber.queue.shift();
		if (!event) return;
		subscriber.delivering = true;
		const next = () => {
			subscriber.delivering = false;
			if (this.#subscribers.get(id) === subscriber) this.#deliver(id, subscriber);
		};
		subscriber.connection.exchange(
			{ publish: event },
			{
				next() {},
				done: next,
				fail: (error) => {
					this.#onFault(id, `an event of topic ${event.topic} did not reach ${id}: ${error.message}`);
					next();
				},
			},
			{ timeoutMs: deliveryTimeoutMs },
		);
	}
}
