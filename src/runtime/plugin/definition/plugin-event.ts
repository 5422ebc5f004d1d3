import type { JsonObject } from '../../wire/json-value.ts';

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
	/** Time when the bus took it; undefined where a core peer passed it on. */
	readonly time: Date | undefined;
	/** Events before this one that this subscriber did not hear, because it was behind. */
	readonly missed: number;
	/** W3C trace context of what published it; empty for none. */
	readonly traceParent: string;
}
