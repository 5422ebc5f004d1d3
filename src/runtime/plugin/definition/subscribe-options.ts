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
