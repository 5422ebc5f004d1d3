import { matchesFilters } from '../../events/event-filters.ts';
import { EventQueue } from '../../events/event-queue.ts';
import { eventSize } from '../../events/event-size.ts';
import { type TopicPattern, topicPattern } from '../../events/topic-pattern.ts';
import type { Publish } from '../../wire/generated/messages.ts';
import { copyStruct } from '../../wire/struct-copy.ts';
import type { PluginEvent, Subscription } from '../definition/subscription.ts';
import type { PluginState } from './plugin-state.ts';

interface Subscriber {
	readonly subscription: Subscription;
	readonly pattern: TopicPattern;
	readonly queue: EventQueue<PluginEvent>;
}

/** Delivers events to the subscriptions that a plugin declares: each has a queue of its own, so a slow one delays only itself. */
export class EventHub {
	readonly #state: PluginState;
	readonly #subscribers: readonly Subscriber[];

	constructor(state: PluginState) {
		this.#state = state;
		this.#subscribers = state.plugin.subscriptions.map((subscription) => this.#subscriber(subscription));
	}

	/** Events that were dropped because a subscriber was too far behind. */
	get dropped(): number {
		return this.#subscribers.reduce((sum, { queue }) => sum + queue.dropped, 0);
	}

	/** Queues an event for every subscription that wants it. */
	deliver(event: Publish): void {
		const topic = event.topic ?? '';
		let bytes: number | undefined;
		for (const { subscription, pattern, queue } of this.#subscribers) {
			if (!pattern.matches(topic) || !matchesFilters(subscription.filters, event.payload)) continue;
			const { time } = event;
			bytes ??= eventSize(event.payload);
			queue.push(
				{
					topic,
					eventType: event.eventType ?? '',
					// Its own copy: one subscriber must not see what another does to it.
					payload: copyStruct(event.payload ?? {}),
					sourcePlugin: event.sourcePlugin ?? '',
					id: event.id ?? '',
					time: time && new Date((time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1_000_000),
					missed: event.missed ?? 0,
				},
				bytes,
			);
		}
	}

	/** Forgets what waits. Handlers that run are not waited for. */
	close(): void {
		for (const { queue } of this.#subscribers) queue.close();
	}

	#subscriber(subscription: Subscription): Subscriber {
		const state = this.#state;
		const { topic } = subscription;
		const context = state.context();
		const warn = (message: string, fields = {}) =>
			state.services.log({ level: 'warn', message, fields, plugin: state.id });
		const queue = new EventQueue<PluginEvent>({
			deliver: (event, missed) => {
				if (missed === 0) return subscription.handler(event, context);
				warn(`the subscriber of ${topic} missed events`, { missed });
				return subscription.handler({ ...event, missed: event.missed + missed }, context);
			},
			onFault: (error) => state.logFailure(`the subscriber of ${topic}`, error),
			onBehind: () => warn(`the subscriber of ${topic} is behind: events are being dropped`),
		});
		return { subscription, pattern: topicPattern(topic), queue };
	}
}
