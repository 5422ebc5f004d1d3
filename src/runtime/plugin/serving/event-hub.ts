import type { Publish } from '../../wire/generated/messages.ts';
import { copyStruct } from '../../wire/struct-copy.ts';
import { matchesFilters } from '../definition/subscription.ts';
import { EventQueue } from './event-queue.ts';
import type { PluginState } from './plugin-state.ts';

/** Delivers events to the subscriptions that a plugin declares: each has a queue of its own, so a slow one delays only itself. */
export class EventHub {
	readonly #queues: readonly EventQueue[];

	constructor(state: PluginState) {
		this.#queues = state.plugin.subscriptions.map((subscription) => new EventQueue(subscription, state));
	}

	/** Events that were dropped because a subscriber was too far behind. */
	get dropped(): number {
		return this.#queues.reduce((sum, queue) => sum + queue.dropped, 0);
	}

	/** Queues an event for every subscription that wants it. */
	deliver(event: Publish): void {
		const topic = event.topic ?? '';
		for (const queue of this.#queues) {
			const { subscription } = queue;
			if (subscription.topic !== topic || !matchesFilters(subscription.filters, event.payload)) continue;
			queue.push({
				topic,
				eventType: event.eventType ?? '',
				// Its own copy: one subscriber must not see what another does to it.
				payload: copyStruct(event.payload ?? {}),
				sourcePlugin: event.sourcePlugin ?? '',
			});
		}
	}

	/** Forgets what waits. Handlers that run are not waited for. */
	close(): void {
		for (const queue of this.#queues) queue.close();
	}
}
