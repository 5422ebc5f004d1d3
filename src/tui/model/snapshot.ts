import type {
	CallFacts,
	ClusterFacts,
	EventFacts,
	LogFacts,
	PluginFacts,
	ServerFacts,
	SubscriptionFacts,
} from '../feed/feed-message.ts';
import type { PluginFigures } from './plugin-numbers.ts';

/** A plugin with its numbers. */
export interface PluginView extends PluginFacts, PluginFigures {
	readonly callsUnderWay: number;
}

/** An entry of a list that has no id of its own. */
export interface Numbered {
	/** Number of the entry: 1, and one more with each. */
	readonly number: number;
}

/** Facts at one moment. Nothing in it changes any more. */
export interface Snapshot {
	/** Milliseconds of Date.now(). */
	readonly now: number;
	readonly link: { readonly state: 'opening' | 'live' | 'lost' | 'stopping'; readonly reason: string };
	readonly plugins: readonly PluginView[];
	/** Undefined where there is none, or it has not told. */
	readonly server: ServerFacts | undefined;
	/** The cluster of the server; undefined where it is in none, or has not told. */
	readonly cluster: ClusterFacts | undefined;
	/** The oldest first. */
	readonly calls: readonly CallFacts[];
	readonly events: readonly EventFacts[];
	readonly subscriptions: readonly SubscriptionFacts[];
	readonly logs: readonly (LogFacts & Numbered)[];
	readonly totals: {
		readonly callsUnderWay: number;
		readonly callsPerSecond: number;
		readonly errors: number;
		readonly events: number;
		readonly eventsPerSecond: number;
		readonly eventsMissed: number;
		readonly missed: number;
	};
	/** Events a second by topic, of the topics that had some. */
	readonly topicRates: ReadonlyMap<string, number>;
	/** Reasons why something cannot be shown, by its subject. */
	readonly problems: ReadonlyMap<string, string>;
}
