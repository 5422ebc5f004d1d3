import type { ResponseSink } from '../carrier/outgoing-exchange.ts';
import type { BusEvent, BusSubscription, EventBus } from '../events/event-bus.ts';
import type { EventFilters } from '../events/event-filters.ts';
import { topicPattern } from '../events/topic-pattern.ts';
import type { HostedPlugin } from '../hosting/hosted-plugin.ts';
import type { PluginSlot } from '../hosting/plugin-slot.ts';
import type { Publish, Subscribe } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** A plugin has so long to acknowledge an event. */
const deliveryOptions = { timeoutMs: 10_000 };

/** Beginning of the ids of subscriptions that a plugin has by its manifest; a request cannot have such an id. */
const byManifest = 'manifest:';

/** Beginning of those that it has by a request. */
const byRequest = ':';

/** Subscriptions of one plugin that wait for it to run, at most. */
const maxWaitingSubscriptions = 1024;

/** Subscriptions of an orchestrator's plugins: by their manifest (`needs_events`), and by what they ask for while they run. */
export class PluginEvents {
	readonly #bus: EventBus;
	readonly #onFault: (pluginId: string, message: string) => void;
	readonly #isStarting: (pluginId: string) => boolean;
	readonly #subscriptions = new Map<PluginSlot, Subscribed>();
	/** By a plugin's own id: what it asked for before its start was over, as a boot hook does. */
	readonly #waiting = new Map<string, Waiting>();

	/** @param isStarting whether a plugin of that id, which its certificate says, is being started */
	constructor(
		bus: EventBus,
		onFault: (pluginId: string, message: string) => void,
		isStarting: (pluginId: string) => boolean,
	) {
		this.#bus = bus;
		this.#onFault = onFault;
		this.#isStarting = isStarting;
	}

	/** Follows a slot: a plugin that runs hears what its manifest says, one that does not run hears nothing and is forgotten. */
	follow(slot: PluginSlot): void {
		const { plugin } = slot;
		const before = this.#subscriptions.get(slot);
		if (before && before.delivery.plugin !== plugin) {
			if (plugin && before.delivery.plugin.connection.open) handOver(before, plugin);
			else {
				before.subscription.close();
				this.#subscriptions.delete(slot);
			}
		}
		if (plugin) {
			for (const topic of plugin.manifest.needsEvents ?? []) {
				this.#try(slot, topic, () => addTo(this.#of(slot, plugin), `${byManifest}${topic}`, topic));
			}
			const waiting = this.#waiting.get(plugin.id);
			if (waiting && waiting.beside !== plugin) {
				this.#waiting.delete(plugin.id);
				for (const request of waiting.asked.values()) {
					this.#try(slot, request.topic ?? '', () => this.#add(slot, plugin, request));
				}
			}
			// The plugin that was to take its place did not.
			else if (!slot.swapping) this.#waiting.delete(plugin.id);
		}
		for (const id of this.#waiting.keys()) {
			if (this.#isStarting(id)) continue;
			this.#waiting.delete(id);
			this.#onFault(id, `${id} hears nothing of what it asked for: it does not run here`);
		}
	}

	/**
	 * Takes a subscription of a plugin that runs, or that is being started: it holds from when it runs then.
	 *
	 * @param slot where it runs
	 * @param pluginId its own id
	 * @throws OrchestraError `invalid_topic`, `overloaded`; `routing_error` where it neither runs nor starts
	 */
	subscribe(slot: PluginSlot | undefined, pluginId: string, request: Subscribe): void {
		const { subscriptionId = '', topic = '', filters } = request;
		if (slot?.plugin && !slot.swapping) this.#add(slot, slot.plugin, request);
		else if (slot?.swapping || this.#isStarting(pluginId)) {
			topicPattern(topic);
			const beside = slot?.plugin;
			const { asked } = this.#waiting.get(pluginId) ?? { asked: new Map<string, Subscribe>() };
			if (asked.size >= maxWaitingSubscriptions && !asked.has(subscriptionId)) {
				throw new OrchestraError(
					'overloaded',
					`${pluginId} has ${maxWaitingSubscriptions} subscriptions already`,
					{
						hint: 'Use a pattern for many topics.',
					},
				);
			}
			this.#waiting.set(pluginId, { beside, asked: asked.set(subscriptionId, request) });
			// Two plugins go by one name: it may be the one that runs which asks. What that has of the same id stays.
			if (slot && beside && !this.#subscriptions.get(slot)?.ids.has(`${byRequest}${subscriptionId}`)) {
				addTo(this.#of(slot, beside), `${byRequest}${subscriptionId}`, topic, filters);
			}
		} else throw noPlugin(pluginId);
	}

	unsubscribe(slot: PluginSlot | undefined, pluginId: string, subscriptionId: string): void {
		const subscribed = slot && this.#subscriptions.get(slot);
		if (subscribed) removeFrom(subscribed, `${byRequest}${subscriptionId}`);
		else if (!slot && !this.#isStarting(pluginId)) throw noPlugin(pluginId);
		this.#waiting.get(pluginId)?.asked.delete(subscriptionId);
	}

	/** Topics of each plugin, and how many events it missed. */
	list(): { plugin: string; topics: string[]; missed: number }[] {
		return [...this.#subscriptions].map(([{ id }, { subscription }]) => ({
			plugin: id,
			topics: [...subscription.topics],
			missed: subscription.missed,
		}));
	}

	#add(slot: PluginSlot, plugin: HostedPlugin, request: Subscribe): void {
		const { subscriptionId = '', topic = '', filters, replay = 0 } = request;
		const subscribed = this.#of(slot, plugin);
		const id = `${byRequest}${subscriptionId}`;
		addTo(subscribed, id, topic, filters);
		if (replay > 0) subscribed.subscription.replay(replay, id);
	}

	#try(slot: PluginSlot, topic: string, add: () => void): void {
		try {
			add();
		} catch (error) {
			this.#onFault(slot.id, `${slot.id} hears nothing of ${topic}: ${(error as Error).message}`);
		}
	}

	#of(slot: PluginSlot, plugin: HostedPlugin): Subscribed {
		const known = this.#subscriptions.get(slot);
		if (known) return known;
		const delivery = new Delivery(plugin);
		const subscription = this.#bus.subscribe({
			name: slot.id,
			// One at a time: a core peer starts a handler for each request that it gets, and they would overtake one another.
			maxBatch: 1,
			acknowledges: true,
			deliver: (events, missed) => events[0] && delivery.send(events[0], missed),
		});
		const subscribed: Subscribed = { delivery, subscription, ids: new Set() };
		this.#subscriptions.set(slot, subscribed);
		return subscribed;
	}
}

/** Subscriptions of the plugin of a slot. */
interface Subscribed {
	readonly delivery: Delivery;
	readonly subscription: BusSubscription;
	/** The ids of its interests. */
	readonly ids: Set<string>;
}

/** Subscription that a plugin asked for that does not run yet. */
interface Waiting {
	/** The plugin whose place it is to take, which runs meanwhile. */
	readonly beside: HostedPlugin | undefined;
	readonly asked: Map<string, Subscribe>;
}

function addTo({ subscription, ids }: Subscribed, id: string, topic: string, filters?: EventFilters): void {
	subscription.add(id, topic, filters);
	ids.add(id);
}

function removeFrom({ subscription, ids }: Subscribed, id: string): void {
	subscription.remove(id);
	ids.delete(id);
}

/** Lets a plugin hear what the one before it has not yet: it says anew what it wants to hear from now on. */
function handOver(subscribed: Subscribed, plugin: HostedPlugin): void {
	for (const id of [...subscribed.ids]) removeFrom(subscribed, id);
	subscribed.delivery.plugin = plugin;
}

function noPlugin(name: string): OrchestraError {
	return new OrchestraError('routing_error', `${name || 'the caller'} is no plugin of this orchestrator`, {
		hint: 'Only a plugin that runs here can be sent events: a client reads them as a stream, with the events service.',
	});
}

/**
 * Sends events to a plugin as `publish` requests, as on the Go side, and hears that it has taken them. For one at a time: so one
 * object serves them all.
 */
class Delivery implements ResponseSink {
	/** Plugin that it sends to: the next event goes to whichever has taken the place of the one before. */
	plugin: HostedPlugin;
	#taken: () => void = () => {};
	#failed: (error: OrchestraError) => void = () => {};

	constructor(plugin: HostedPlugin) {
		this.plugin = plugin;
	}

	/** Resolves when the plugin has acknowledged it. @throws OrchestraError where it did not, or not in time */
	async send(event: BusEvent, missed: number): Promise<void> {
		const { connection } = this.plugin;
		if (!connection.open) throw new OrchestraError('connection_closed', 'it does not run any more');
		const acknowledged = new Promise<void>((resolve, reject) => {
			this.#taken = resolve;
			this.#failed = reject;
		});
		const { traceParent } = event;
		const publish = publishOf(event, missed);
		connection.exchange(traceParent ? { publish, traceParent } : { publish }, this, deliveryOptions);
		await acknowledged;
	}

	next(): void {}

	done(): void {
		this.#taken();
	}

	fail(error: OrchestraError): void {
		this.#failed(error);
	}
}

function publishOf(
	{ topic, eventType, payload, source, id, time, replayedFor }: BusEvent,
	missed: number,
): Publish {
	const seconds = Math.floor(time / 1000);
	const publish: Publish = {
		topic,
		eventType,
		sourcePlugin: source,
		id,
		time: { seconds, nanos: (time - seconds * 1000) * 1_000_000 },
	};
	if (payload) publish.payload = payload;
	if (missed > 0) publish.missed = missed;
	if (replayedFor) publish.subscriptionId = replayedFor.slice(byRequest.length);
	return publish;
}
