import type { BusEvent, BusSubscription, EventBus } from '../events/event-bus.ts';
import type { HostedPlugin } from '../hosting/hosted-plugin.ts';
import type { PluginSlot } from '../hosting/plugin-slot.ts';
import type { Subscribe } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';

/** Milliseconds that a plugin has to acknowledge an event. */
const deliveryTimeoutMs = 10_000;

/** How the ids of subscriptions begin that a plugin has by its manifest; a request cannot have such an id. */
const byManifest = 'manifest:';

/** What the plugins of an orchestrator hear: by their manifest (`needs_events`), and by what they ask for while they run. */
export class PluginEvents {
	readonly #bus: EventBus;
	readonly #onFault: (pluginId: string, message: string) => void;
	readonly #subscriptions = new Map<
		PluginSlot,
		{ readonly plugin: HostedPlugin; readonly subscription: BusSubscription }
	>();

	constructor(bus: EventBus, onFault: (pluginId: string, message: string) => void) {
		this.#bus = bus;
		this.#onFault = onFault;
	}

	/** Follows a slot: a plugin that runs hears what its manifest says, one that does not run hears nothing and is forgotten. */
	follow(slot: PluginSlot): void {
		const { plugin } = slot;
		const before = this.#subscriptions.get(slot);
		if (before && before.plugin !== plugin) {
			before.subscription.close();
			this.#subscriptions.delete(slot);
		}
		for (const topic of plugin?.manifest.needsEvents ?? []) {
			try {
				this.#of(slot)?.add(`${byManifest}${topic}`, topic);
			} catch (error) {
				this.#onFault(slot.id, `${slot.id} hears nothing of ${topic}: ${(error as Error).message}`);
			}
		}
	}

	/** @throws OrchestraError `invalid_topic`, `overloaded` */
	subscribe(slot: PluginSlot, { subscriptionId = '', topic = '', filters }: Subscribe): void {
		this.#of(slot)?.add(`:${subscriptionId}`, topic, filters);
	}

	unsubscribe(slot: PluginSlot, subscriptionId: string): void {
		this.#subscriptions.get(slot)?.subscription.remove(`:${subscriptionId}`);
	}

	/** What each plugin hears, and what it missed. */
	list(): { plugin: string; topics: string[]; missed: number }[] {
		return [...this.#subscriptions].map(([{ id }, { subscription }]) => ({
			plugin: id,
			topics: [...subscription.topics],
			missed: subscription.missed,
		}));
	}

	#of(slot: PluginSlot): BusSubscription | undefined {
		const { plugin } = slot;
		if (!plugin) return undefined;
		const known = this.#subscriptions.get(slot);
		if (known) return known.subscription;
		const subscription = this.#bus.subscribe({
			name: slot.id,
			deliver: (event, missed) => deliver(event, missed, plugin),
		});
		this.#subscriptions.set(slot, { plugin, subscription });
		return subscription;
	}
}

/** A plugin takes events as `publish` requests, as on the Go side. */
async function deliver(event: BusEvent, missed: number, plugin: HostedPlugin): Promise<void> {
	const { connection } = plugin;
	if (!connection.open) throw new OrchestraError('connection_closed', 'it does not run any more');
	await new Promise<void>((resolve, reject) => {
		const seconds = Math.floor(event.time / 1000);
		connection.exchange(
			{
				publish: {
					topic: event.topic,
					eventType: event.eventType,
					...(event.payload ? { payload: event.payload } : {}),
					sourcePlugin: event.source,
					id: event.id,
					time: { seconds, nanos: (event.time - seconds * 1000) * 1_000_000 },
					...(missed > 0 ? { missed } : {}),
				},
			},
			{ next() {}, done: () => resolve(), fail: reject },
			{ timeoutMs: deliveryTimeoutMs },
		);
	});
}
