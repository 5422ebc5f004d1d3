import type { EventHandler } from './context.ts';

/** A subscription that a plugin declares. */
export interface Subscription {
	/** A topic, or a pattern of topics: `*` stands for one part, `**` for any number of parts. */
	readonly topic: string;
	readonly filters: Readonly<Record<string, string>>;
	readonly handler: EventHandler;
}
