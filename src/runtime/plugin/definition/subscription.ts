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
}

/** Hears events, one at a time and in order. What it throws is logged. */
export type EventHandler = (event: PluginEvent, ctx: PluginContext) => unknown;

/** Which events of a topic a subscriber wants. */
export interface SubscribeOptions {
	/** Each must equal the string field of that name in the payload. Default: none, so every event. */
	readonly filters?: Readonly<Record<string, string>>;
}

/** A subscription that a plugin declares. */
export interface Subscription {
	/** Matched exactly. */
	readonly topic: string;
	readonly filters: Readonly<Record<string, string>>;
	readonly handler: EventHandler;
}

/** Whether a payload has every filter's value in a string field of its name. A payload that is absent has no fields. */
export function matchesFilters(
	filters: Readonly<Record<string, string>>,
	payload: JsonObject | undefined,
): boolean {
	for (const key of Object.keys(filters)) {
		if (payload === undefined || !Object.hasOwn(payload, key) || payload[key] !== filters[key]) return false;
	}
	return true;
}
