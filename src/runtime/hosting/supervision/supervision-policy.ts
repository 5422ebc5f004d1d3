/** Policy for keeping a plugin running. */
export interface SupervisionPolicy {
	/** Whether a plugin that ended by a fault is started again. */
	readonly when: 'on-failure' | 'never';
	/**
	 * Restarts within {@link withinMs}; when they are used up the plugin has failed. A remote plugin is dialled for ever while it cannot be
	 * reached; so many refusals in a row, such as of a revoked certificate, are the end.
	 */
	readonly budget: number;
	readonly withinMs: number;
	/** Milliseconds before a restart: the first, doubled with each, up to the last; each is cut by a random share of up to a half. */
	readonly backOff: { readonly initialMs: number; readonly maxMs: number };
	/** Milliseconds between two questions for its health, for a plugin with a process or an address. */
	readonly healthEveryMs: number;
	/** Milliseconds that an answer may take; two that are missing in a row mean that the plugin hangs. */
	readonly healthTimeoutMs: number;
}

/** Five restarts in five minutes, 0.2 to 30 s apart; health every 5 s, within 5 s. */
export const defaultSupervision: SupervisionPolicy = {
	when: 'on-failure',
	budget: 5,
	withinMs: 5 * 60_000,
	backOff: { initialMs: 200, maxMs: 30_000 },
	healthEveryMs: 5_000,
	healthTimeoutMs: 5_000,
};
