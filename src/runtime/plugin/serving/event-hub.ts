import { matchesFilters } from '../../events/event-filters.ts';
import { EventQueue } from '../../events/event-queue.ts';
import { eventSize } from '../../events/event-size.ts';
import { type TopicPattern, topicPattern } from '../../events/topic-pattern.ts';
import type { Publish } from '../../wire/generated/messages.ts';
import { copyStruct } from '../../wire/struct-copy.ts';
import { usableTraceParent } from '../../wire/trace-parent.ts';
import type { EventHandler, Unsubscribe } from '../definition/context.ts';
import type { PluginEvent } from '../definition/plugin-event.ts';
import type { RunningSubscribeOptions } from '../definition/subscribe-options.ts';
import type { Subscription } from '../definition/subscription.ts';
import type { PluginState } from './plugin-state.ts';
import type { RunningSubscriptions } from './running-subscriptions.ts';

interface Subscriber {
	readonly subscription: Subscription;
	readonly pattern: TopicPattern;
	readonly queue: EventQueue<PluginEvent>;
}

/**
 * Delivers events to the subscriptions of a plugin: those that it declares, and those that it asks its host for while it runs. Each has
 * a queue of its own, so a slow one delays only itself.
 */
export class EventHub implements RunningSubscriptions {
	readonly #state: PluginState;
	readonly #declared: readonly Subscriber[];
	/** By id, as the host knows them. */
	readonly #running = new Map<string, Subscriber>();
	/** Events dropped by subscriptions that have ended. */
	#dropped = 0;
	#closed = false;

	constructor(state: PluginState) {
		this.#state = state;
		this.#declared = state.plugin.subscriptions.map((subscription) => this.#subscriber(subscription));
	}

	/** Events that were dropped because a subscriber was too far behind. */
	get dropped(): number {
		let dropped = this.#dropped;
		for (const { queue } of this.#all()) dropped += queue.dropped;
		return dropped;
	}

	/**
	 * Adds a subscription, here and at the host.
	 *
	 * @throws OrchestraError `invalid_topic`, `shutting_down`, and what the host answers; nothing is left behind then
	 */
	async subscribe(
		topic: string,
		{ filters = {}, replay }: RunningSubscribeOptions,
		handler: EventHandler,
	): Promise<Unsubscribe> {
		if (this.#closed || this.#state.stopping) throw this.#state.shuttingDown();
		const id = crypto.randomUUID();
		const subscriber = this.#subscriber({ topic, filters: { ...filters }, handler });
		// Before the host knows: events of the past may come before its answer.
		this.#running.set(id, subscriber);
		try {
			await this.#state.services.subscribe({
				id,
				topic,
				filters: subscriber.subscription.filters,
				...(replay ? { replay } : {}),
			});
		} catch (error) {
			this.#forget(id);
			throw error;
		}
		return Object.assign(() => this.unsubscribe(id), { id });
	}

	/** Ends a subscription that was asked for while the plugin runs. */
	async unsubscribe(id: string): Promise<void> {
		if (this.#forget(id)) await this.#state.services.unsubscribe(id);
	}

	/** Queues an event for every subscription that wants it. */
	deliver(event: Publish, traceParent = ''): void {
		let bytes: number | undefined;
		// A replayed event was heard already by all but one, or is older than they are.
		const only = event.subscriptionId ? this.#running.get(event.subscriptionId) : undefined;
		if (event.subscriptionId && !only) return;
		if (only) this.#offer(only, event, bytes, traceParent);
		else {
			for (const subscriber of this.#declared) bytes = this.#offer(subscriber, event, bytes, traceParent);
			for (const subscriber of this.#running.values())
				bytes = this.#offer(subscriber, event, bytes, traceParent);
		}
	}

	/** Queues an event for a subscription if it wants it. @returns its size, where that was looked at */
	#offer(
		{ subscription, pattern, queue }: Subscriber,
		event: Publish,
		size: number | undefined,
		traceParent: string,
	): number | undefined {
		const { topic = '', time, payload } = event;
		if (!pattern.matches(topic) || !matchesFilters(subscription.filters, payload)) return size;
		const bytes = size ?? eventSize(payload);
		queue.push(
			{
				topic,
				eventType: event.eventType ?? '',
				// Its own copy: one subscriber must not see what another does to it.
				payload: copyStruct(payload ?? {}),
				sourcePlugin: event.sourcePlugin ?? '',
				id: event.id ?? '',
				time: time && new Date((time.seconds ?? 0) * 1000 + (time.nanos ?? 0) / 1_000_000),
				missed: event.missed ?? 0,
				traceParent: usableTraceParent(traceParent),
			},
			bytes,
		);
		return bytes;
	}

	/** Forgets what waits. Handlers that run are not waited for. */
	close(): void {
		this.#closed = true;
		for (const { queue } of this.#all()) queue.close();
	}

	*#all(): Generator<Subscriber, void> {
		yield* this.#declared;
		yield* this.#running.values();
	}

	/** @returns whether there was such a subscription */
	#forget(id: string): boolean {
		const subscriber = this.#running.get(id);
		if (!subscriber) return false;
		this.#running.delete(id);
		this.#dropped += subscriber.queue.dropped;
		subscriber.queue.close();
		return true;
	}

	#subscriber(subscription: Subscription): Subscriber {
		const state = this.#state;
		const { topic } = subscription;
		const context = state.context();
		const warn = (message: string, fields = {}) =>
			state.services.log({ level: 'warn', message, fields, plugin: state.id });
		const queue = new EventQueue<PluginEvent>({
			deliver: ([event], missed) => {
				if (!event) return;
				const around = event.traceParent ? state.context(event.traceParent) : context;
				if (missed === 0) return subscription.handler(event, around);
				warn(`the subscriber of ${topic} missed events`, { missed });
				return subscription.handler({ ...event, missed: event.missed + missed }, around);
			},
			onFault: (error) => state.logFailure(`the subscriber of ${topic}`, error),
			onBehind: () => warn(`the subscriber of ${topic} is behind: events are being dropped`),
		});
		return { subscription, pattern: topicPattern(topic), queue };
	}
}
