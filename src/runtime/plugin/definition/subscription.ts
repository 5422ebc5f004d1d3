import type { JsonObject } from '../../wire/json-value.ts';
import type { PluginContext } from './context.ts';

/** An event as a subscriber hears it. */
export interface PluginEvent {
	readonly topic: string;
	/** Empty where the publisher gave none. */
	readonly eventType: string;
	readonly payload: JsonObject;
	/** The id of the plugin that published it; empty where it is not known. */
	readonly sourcePlugin: string;
	/** Unique; empty where a core peer passed it on. */
	readonly id: string;
	/** When the bus took it; undefined where a core peer passed it on. */
	readonly time: Date | undefined;
	/** Events before this one that this subscriber did not hear, because it was behind. */
	readonly missed: number;
	/** W3C trace context of what published it; empty for none. */
	readonly traceParent: string;
}

/** Handler of events, which come one at a time and in order. An error that it throws is logged. */
export type EventHandler = (event: PluginEvent, ctx: PluginContext) => unknown;

/** Choice of a topic's events. */
export interface SubscribeOptions {
	/** Each must equal the string field of that name in the payload. Default: none, so every event. */
	readonly filters?: Readonly<Record<string, string>>;
}

/** Choice of events for a plugin that subscribes while it runs. */
export interface RunningSubscribeOptions extends SubscribeOptions {
	/** Events of the past to begin with, of each topic, at most; the host may have kept fewer. Default 0. */
	readonly replay?: number | undefined;
}

/** Ends a subscription; safe to call twice. Resolves when the host knows, and rejects where it cannot be told. */
export interface Unsubscribe {
	(): Promise<void>;
	/** Id for {@link PluginContext.unsubscribe}. */
	readonly id: string;
}

/** A subscription that a plugin declares. */
export interface Subscription {
	/** A topic, or a pattern of topics: `*` stands for one part, `**` for any number of parts. */
	readonly topic: string;
	readonly filters: Readonly<Record<string, string>>;
	readonly handler: EventHandler;
}
